"""The rows of a stored file, a step at a time, whatever its format."""

import asyncio
import codecs
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from typing import Any, Protocol
from uuid import UUID

import msgspec

from gateway_service.imports.convert import Row
from gateway_service.imports.csv_rows import MAX_ROW_CHARS, CsvRows
from gateway_service.imports.encodings import codec_of
from gateway_service.imports.faults import Broken
from gateway_service.imports.layout import Layout
from gateway_service.imports.parquet_rows import ParquetFile
from gateway_service.store.import_files import ImportFiles

Steps = AsyncGenerator[tuple[list[Row], float], None]
"""Rows, and the share of the file that is read by then."""
_object = msgspec.json.Decoder(dict[str, Any])


class Gone(Exception):
    """The file is not stored any more."""


class StoredFile:
    def __init__(self, files: ImportFiles, workspace_id: UUID, file_id: UUID, size: int) -> None:
        self._files = files
        self._place = (workspace_id, file_id)
        self._size = size

    async def steps(self, layout: Layout, size: int, after: int = 0) -> Steps:
        """Rows from behind row number `after`, at most `size` at a time. Raises Gone and NotReadable."""
        if await self._files.piece(*self._place, 0) is None:
            raise Gone
        step: list[Row] = []
        async for rows, share in self._rows(layout, size, after):
            for row in rows:
                step.append(row)
                if len(step) == size:
                    yield step, share
                    step = []
        yield step, 1.0

    def parquet(self) -> ParquetFile:
        loop = asyncio.get_running_loop()

        def read(number: int) -> bytes:
            return asyncio.run_coroutine_threadsafe(self._piece(number), loop).result()

        return ParquetFile(read, self._size)

    async def _piece(self, number: int) -> bytes:
        piece = await self._files.piece(*self._place, number)
        if piece is None:
            raise Gone
        return piece

    async def _rows(
        self, layout: Layout, size: int, after: int
    ) -> AsyncIterator[tuple[Iterator[Row], float]]:
        if layout.format == "parquet":
            number = after
            async for found, share in self.parquet().rows(size, after):
                yield (Row(at, cells) for at, cells in enumerate(found, number + 1)), share
                number += len(found)
            return
        text = codecs.getincrementaldecoder(codec_of(layout.encoding))("replace")
        table: _Table = CsvTable(layout, after) if layout.format == "csv" else NdjsonTable(after)
        read = 0
        async for piece in self._files.pieces(*self._place):
            read += len(piece)
            yield table.feed(text.decode(piece)), read / self._size
        yield table.feed(text.decode(b"", True), end=True), 1.0


class _Table(Protocol):
    def feed(self, text: str, *, end: bool = False) -> Iterator[Row]: ...


class CsvTable:
    """Row numbers up to `after` are counted, and not made into rows."""

    def __init__(self, layout: Layout, after: int = 0) -> None:
        self._after = after
        self._columns = layout.columns
        self._header = layout.header
        self._rows = CsvRows(layout.delimiter, len(layout.columns))
        self._number = 0

    def feed(self, text: str, *, end: bool = False) -> Iterator[Row]:
        for row in self._rows.feed(text, end=end):
            self._number += 1
            if self._number <= self._after:
                continue
            if isinstance(row, Broken):
                yield Row(self._number, row)
            elif self._header and self._number == 1:
                continue
            elif len(row) > len(self._columns) and any(row[len(self._columns) :]):
                yield Row(self._number, Broken("too_many_cells", " ".join(row)))
            elif row:
                yield Row(self._number, dict(zip(self._columns, row, strict=False)))


class NdjsonTable:
    """Rows are lines; those up to `after` are only counted."""

    def __init__(self, after: int = 0) -> None:
        self._after = after
        self._rest = ""
        self._number = 0

    def feed(self, text: str, *, end: bool = False) -> Iterator[Row]:
        *lines, self._rest = (self._rest + text).split("\n")
        if end:
            lines, self._rest = [*lines, self._rest], ""
        elif len(self._rest) > MAX_ROW_CHARS:
            # The end of a line that is too long is not kept: the line is refused in any case.
            self._rest = self._rest[: MAX_ROW_CHARS + 1]
        for line in lines:
            self._number += 1
            if self._number > self._after and line.strip():
                yield Row(self._number, _line(line))


def _line(line: str) -> dict[str, Any] | Broken:
    if len(line) > MAX_ROW_CHARS:
        return Broken("row_too_long", line[:100])
    try:
        return _object.decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeEncodeError):
        return Broken("json_invalid", line[:100])
