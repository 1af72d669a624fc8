"""Going on where an import was killed: the rows behind a number are those of the whole file."""

import json
from collections import Counter
from typing import Any

import pytest
from gateway_service.imports.convert import Row
from gateway_service.imports.layout import Layout
from gateway_service.imports.reading import CsvTable, NdjsonTable
from hypothesis import given, settings
from hypothesis import strategies as st

SEEN: Counter[str] = Counter()
CSV = Layout("csv", delimiter=",", header=True, columns=("id", "note"))
lines = st.lists(st.sampled_from(["a,b", 'c,"d', 'e",f', "", "g", "h,i,j", '{"k": 1}', "{"]), max_size=12)


def rows(table: Any, text: str, size: int) -> list[Row]:
    found = [row for at in range(0, len(text), size) for row in table.feed(text[at : at + size])]
    return [*found, *table.feed("", end=True)]


@settings(max_examples=300, deadline=None)
@given(lines, st.integers(0, 14), st.integers(1, 20))
def test_the_rest_of_a_file_is_the_end_of_the_whole(some: list[str], after: int, size: int) -> None:
    text = "".join(f"{line}\n" for line in ["id,note", *some])
    for whole, rest in ((CsvTable(CSV), CsvTable(CSV, after)), (NdjsonTable(), NdjsonTable(after))):
        expected = [row for row in rows(whole, text, size) if row.number > after]
        assert rows(rest, text, size) == expected
        SEEN["rows left"] += bool(expected) and after > 1


def test_something_was_left_to_read() -> None:
    print(dict(SEEN))
    assert SEEN["rows left"] > 50


@pytest.mark.parametrize("table", [CsvTable(CSV, 2), NdjsonTable(2)])
def test_numbers_go_on(table: Any) -> None:
    text = "".join(json.dumps({"id": n}) + "\n" for n in range(4))
    assert [row.number for row in rows(table, text, 7)] == [3, 4]
