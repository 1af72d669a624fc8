"""Parquet out of pieces: the same rows, never the whole file; what is damaged is refused."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from gateway_service.imports.layout import NotReadable
from gateway_service.imports.parquet_rows import ParquetFile
from gateway_service.store.import_files import PIECE

ROWS = 20_000


def file_of(columns: dict[str, list[Any]]) -> bytes:
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), out, row_group_size=8_000, compression="zstd")
    return out.getvalue()


def opened(data: bytes, asked: list[int] | None = None) -> ParquetFile:
    def read(number: int) -> bytes:
        if asked is not None:
            asked.append(number)
        return data[number * PIECE : (number + 1) * PIECE]

    return ParquetFile(read, len(data))


async def test_rows_come_in_steps_and_pieces_when_they_are_needed() -> None:
    columns = {
        "id": [sha256(b"%d" % n).hexdigest() for n in range(ROWS)],
        "n": list(range(ROWS)),
        "born": [date(1990, 1, n % 28 + 1) for n in range(ROWS)],
    }
    data = file_of(columns)
    assert len(data) > 2 * PIECE
    asked: list[int] = []
    file = opened(data, asked)
    assert (await file.layout()).columns == ("id", "n", "born")
    assert len(set(asked)) <= 2
    found: list[dict[str, Any]] = []
    async for rows, share in opened(data, asked).rows(3_000):
        assert len(rows) <= 3_000
        found += rows
        assert share == len(found) / ROWS
    assert found == [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    assert len(asked) < 4 * len(data) // PIECE, "a piece is fetched about once"


@pytest.mark.parametrize("after", [1, 7_999, 8_000, 12_345, ROWS - 1, ROWS])
async def test_what_is_done_is_not_read_again(after: int) -> None:
    data = file_of({"id": [sha256(b"%d" % n).hexdigest() for n in range(ROWS)], "n": list(range(ROWS))})
    asked: list[int] = []
    found = [row["n"] async for rows, _ in opened(data, asked).rows(3_000, after) for row in rows]
    assert found == list(range(after, ROWS))
    if after >= 8_000:
        assert 0 not in asked, "the first group of rows is left out"


async def test_values_keep_their_kinds() -> None:
    row = {
        "a": 1.5,
        "b": True,
        "c": Decimal("1.10"),
        "d": datetime(2024, 1, 2, tzinfo=UTC),
        "e": None,
        "f": [1, 2],
    }
    async for rows, _ in opened(file_of({name: [value] for name, value in row.items()})).rows(10):
        assert rows == [row]


@pytest.mark.parametrize("cut", [4, 100, -1, -50])
async def test_a_damaged_file_is_refused(cut: int) -> None:
    data = file_of({"id": ["a"] * 1_000, "n": list(range(1_000))})
    with pytest.raises(NotReadable):
        await opened(data[:cut]).layout()
    broken = bytearray(data)
    broken[4 : len(data) // 2] = bytes(len(data) // 2 - 4)
    with pytest.raises(NotReadable):
        async for _ in opened(bytes(broken)).rows(100):
            pass
