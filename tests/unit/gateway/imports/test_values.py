"""Cells as people and spreadsheets write them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from gateway_service.imports.values import NotOne, boolean, day, moment, number, plain, text, trimmed
from hypothesis import given
from hypothesis import strategies as st

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("cell", "found"),
    [("12", 12), ("-3", -3), ("1,234.50", 1234.5), ("￥12", 12), (".5", 0.5), ("1e3", 1000), ("007", 7), (2.0, 2),
     (Decimal("0.1"), 0.1), ("123456789012345", 123456789012345)],
)  # fmt: skip
def test_numbers(cell: Any, found: float) -> None:
    assert number(cell) == found
    assert type(number(cell)) is type(found)


@given(st.one_of(st.integers(-(2**63) + 1, 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)))
def test_every_number_is_read_as_python_writes_it(value: float) -> None:
    assert number(str(value)) == value


@pytest.mark.parametrize(
    "cell", ["", "x", "1,23", "1 2", "12a", "nan", "inf", "1e999", str(2**63), True, [1], "一"]
)
def test_what_is_no_number(cell: Any) -> None:
    with pytest.raises(NotOne):
        number(cell)


@pytest.mark.parametrize(
    ("cell", "order", "found"),
    [("2024-02-29", "ymd", "2024-02-29"), ("2024/2/9", "dmy", "2024-02-09"), ("20240209", "ymd", "2024-02-09"),
     ("09.02.2024", "dmy", "2024-02-09"), ("2/9/2024", "mdy", "2024-02-09"), ("2024年2月9日", "ymd", "2024-02-09"),
     ("2024-02-09 23:59:59", "ymd", "2024-02-09"), (date(2024, 2, 9), "ymd", "2024-02-09")],
)  # fmt: skip
def test_days(cell: Any, order: Any, found: str) -> None:
    assert day(cell, order) == found


@pytest.mark.parametrize(
    "cell", ["2023-02-29", "13/13/2024", "24-02-09", "2024-13-01", "soon", "", "99999999", []]
)
def test_what_is_no_day(cell: Any) -> None:
    with pytest.raises(NotOne):
        day(cell, "dmy")


@pytest.mark.parametrize(
    ("cell", "found"),
    [("2024-02-09 08:30", "2024-02-09T08:30:00+08:00"), ("2024-02-09T08:30:00Z", "2024-02-09T08:30:00+00:00"),
     ("2024-02-09T08:30:00+02:00", "2024-02-09T08:30:00+02:00"), ("1707440000", "2024-02-09T08:53:20+08:00"),
     ("1707440000000", "2024-02-09T08:53:20+08:00"), (datetime(2024, 2, 9, tzinfo=UTC), "2024-02-09T00:00:00+00:00")],
)  # fmt: skip
def test_times_without_an_offset_are_the_zones(cell: Any, found: str) -> None:
    assert moment(cell, "ymd", SHANGHAI) == found


def test_yes_and_no() -> None:
    assert [boolean(one) for one in ("是", "TRUE", "1", True)] == [True] * 4
    assert [boolean(one) for one in ("否", "no", "0", False)] == [False] * 4
    with pytest.raises(NotOne):
        boolean("maybe")


def test_what_spreadsheets_put_around_a_text_goes() -> None:
    assert [trimmed(one) for one in ("\t139\t", '="0139"', "\ufeffa", "\u3000张 三 ", 5)] == [
        "139",
        "0139",
        "a",
        "张 三",
        5,
    ]


def test_values_of_other_formats_as_texts_and_as_they_are() -> None:
    assert [text(one) for one in (True, 5, 5.0, 0.5, date(2024, 1, 2))] == [
        "true",
        "5",
        "5",
        "0.5",
        "2024-01-02",
    ]
    assert plain({"a": [1, 2.5, None, {"b": date(2024, 1, 2)}]}) == {"a": [1, 2.5, None, {"b": "2024-01-02"}]}
    with pytest.raises(NotOne):
        text({"a": 1})
