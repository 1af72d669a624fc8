"""Rows → the bytes of a file, as they come: CSV, NDJSON or Parquet."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec

from gateway_service.csv_out import MARK, line
from gateway_service.exports.fields import INTEGERS, TIMES, Cell
from gateway_service.sink import Sink

Format = Literal["csv", "ndjson", "parquet"]
MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
_GROUP_ROWS = 10_000
"""Rows of a Parquet file that are in memory together."""

Row = dict[str, Cell]


class Writer(Protocol):
    def __init__(self, names: Sequence[str]) -> None: ...

    async def write(self, rows: Sequence[Row]) -> bytes: ...

    async def end(self) -> bytes: ...


def writer(kind: Format, names: Sequence[str]) -> Writer:
    kinds: dict[Format, type[Writer]] = {"csv": CsvWriter, "ndjson": NdjsonWriter, "parquet": ParquetWriter}
    return kinds[kind](names)


async def written(made: Writer, pages: AsyncIterator[Sequence[Row]]) -> AsyncIterator[bytes]:
    async for page in pages:
        if found := await made.write(page):
            yield found
    if last := await made.end():
        yield last


class CsvWriter:
    def __init__(self, names: Sequence[str]) -> None:
        self._begin = MARK + line(names)

    async def write(self, rows: Sequence[Row]) -> bytes:
        begin, self._begin = self._begin, b""
        return begin + b"".join(line(map(_text, row.values())) for row in rows)

    async def end(self) -> bytes:
        return self._begin


class NdjsonWriter:
    def __init__(self, names: Sequence[str]) -> None:
        self._encoder = msgspec.json.Encoder()

    async def write(self, rows: Sequence[Row]) -> bytes:
        return self._encoder.encode_lines(rows)

    async def end(self) -> bytes:
        return b""


class ParquetWriter:
    """Integers and times are such; everything else is text, lists and objects as JSON."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._waiting: list[Row] = []
        self._sink = Sink()
        self._file: Any = None

    async def write(self, rows: Sequence[Row]) -> bytes:
        self._waiting += rows
        if len(self._waiting) < _GROUP_ROWS:
            return b""
        return await asyncio.to_thread(self._group)

    async def end(self) -> bytes:
        last = await asyncio.to_thread(self._group)
        await asyncio.to_thread(self._file.close)
        return last + self._sink.taken()

    def _group(self) -> bytes:
        import pyarrow
        import pyarrow.parquet

        kinds = {
            name: pyarrow.int64()
            if name in INTEGERS
            else pyarrow.timestamp("ms", "UTC")
            if name in TIMES
            else pyarrow.string()
            for name in self._names
        }
        if self._file is None:
            self._file = pyarrow.parquet.ParquetWriter(self._sink, pyarrow.schema(list(kinds.items())))
        rows, self._waiting = self._waiting, []
        columns = {
            name: pyarrow.array(
                [row[name] if name in INTEGERS | TIMES else _text(row[name]) for row in rows], kind
            )
            for name, kind in kinds.items()
        }
        self._file.write_table(pyarrow.table(columns))
        return self._sink.taken()


def _text(cell: Cell) -> str | None:
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="milliseconds")
    return msgspec.json.encode(cell).decode()
