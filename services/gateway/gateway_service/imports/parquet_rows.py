"""Parquet out of a file that is stored in pieces: read column by column, so that the file is never whole in memory."""

import asyncio
import io
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from itertools import accumulate
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

    async def rows(self, size: int, after: int = 0) -> AsyncIterator[tuple[list[dict[str, Any]], float]]:
        """Rows behind the first `after`, at most `size` at a time, and the share of the file that they end."""
        await asyncio.to_thread(self._open)
        about = self._file.metadata
        # Groups of rows that are done as a whole are not read.
        ends = list(accumulate(about.row_group(n).num_rows for n in range(about.num_row_groups)))
        first = bisect_right(ends, after)
        done = ends[first - 1] if first else 0
        groups = list(range(first, len(ends)))
        batches = self._file.iter_batches(batch_size=size, row_groups=groups, use_threads=False)
        while (rows := await asyncio.to_thread(_next, batches)) is not None:
            fresh = rows[max(after - done, 0) :]
            done += len(rows)
            yield fresh, done / max(about.num_rows, 1)

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
