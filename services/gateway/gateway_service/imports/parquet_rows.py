"""Parquet out of a file that is stored in pieces: read column by column, so that the file is never whole in memory."""

import asyncio
import io
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from typing import Any

from gateway_service.imports.layout import MAX_COLUMNS, Layout, NotReadable
from gateway_service.store.import_files import PIECE

_PIECES_KEPT = 64
"""In memory: 16 MiB, a piece for each of so many columns."""
_BUFFER = 64 * 1024

ReadPiece = Callable[[int], bytes]
"""The piece of a number, from another thread than the loop's."""


class PieceFile(io.RawIOBase):
    """A seekable file over pieces of PIECE bytes."""

    def __init__(self, read: ReadPiece, size: int) -> None:
        self._read = read
        self._size = size
        self._at = 0
        self._pieces: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, target: Any) -> int:
        number, begin = divmod(self._at, PIECE)
        if self._at >= self._size:
            return 0
        found = self._piece(number)[begin : begin + len(target)]
        target[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _piece(self, number: int) -> bytes:
        if number not in self._pieces:
            self._pieces[number] = self._read(number)
            if len(self._pieces) > _PIECES_KEPT:
                self._pieces.popitem(last=False)
        self._pieces.move_to_end(number)
        return self._pieces[number]


class ParquetFile:
    """Raises NotReadable wherever the file turns out to be none."""

    def __init__(self, read: ReadPiece, size: int) -> None:
        self._source = io.BufferedReader(PieceFile(read, size), _BUFFER)
        self._file: Any = None

    async def layout(self) -> Layout:
        return await asyncio.to_thread(self._layout)

    async def rows(self, size: int) -> AsyncIterator[tuple[list[dict[str, Any]], float]]:
        """Rows, `size` at a time, and the share of the file that they end."""
        await asyncio.to_thread(self._open)
        total, done = self._file.metadata.num_rows, 0
        batches = self._file.iter_batches(batch_size=size, use_threads=False)
        while (rows := await asyncio.to_thread(_next, batches)) is not None:
            done += len(rows)
            yield rows, done / max(total, 1)

    def _open(self) -> None:
        import pyarrow.parquet  # 70 MB that only those need who import Parquet

        try:
            self._file = pyarrow.parquet.ParquetFile(self._source, buffer_size=_BUFFER, pre_buffer=False)
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            raise NotReadable("the file is damaged, or no Parquet") from error

    def _layout(self) -> Layout:
        self._open()
        names = self._file.schema_arrow.names
        if not 0 < len(names) <= MAX_COLUMNS:
            raise NotReadable(f"the file has {len(names)} columns; it may have 1 to {MAX_COLUMNS}")
        if len(set(names)) < len(names):
            raise NotReadable("two columns of the file have the same name")
        return Layout("parquet", columns=tuple(names))


def _next(batches: Any) -> list[dict[str, Any]] | None:
    import pyarrow

    try:
        found: list[dict[str, Any]] = next(batches).to_pylist()
    except StopIteration:
        return None
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise NotReadable("the file is damaged: its rows cannot be read") from error
    return found
