"""Rates of exchange as callers state them."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from profile_service.domain.exchange import MOST_PLACES, MOST_RATE

MOST_AT_ONCE = 500
MOST_SOURCE_CHARS = 200
_CODE = re.compile(r"[A-Z]{3}\Z")
_RATE = re.compile(rf"[0-9]{{1,7}}(?:\.[0-9]{{1,{MOST_PLACES}}})?\Z")


class StatedRate(NamedTuple):
    currency: str
    day: date
    rate: Decimal
    source: str


class Fault(NamedTuple):
    field: str
    """Path below the list, such as 3/rate."""
    detail: str


def is_currency(code: str) -> bool:
    return _CODE.match(code) is not None


def read_rates(stated: Iterable[tuple[str, str, str, str]], home: str) -> list[StatedRate] | Fault:
    """(currency, day, rate, source) of each."""
    found: dict[tuple[str, date], StatedRate] = {}
    for at, (currency, day, rate, source) in enumerate(stated):
        if not is_currency(currency) or currency == home:
            return Fault(
                f"{at}/currency", f"a currency is three capital letters, and not {home}, the workspace's own"
            )
        first = _day(day)
        if first is None:
            return Fault(f"{at}/day", "a day, from 1970 on, is written as 2026-11-23")
        value = Decimal(rate) if _RATE.match(rate) else Decimal()
        if not 0 < value <= MOST_RATE:
            most = f"above 0, at most {MOST_RATE:,}, with at most {MOST_PLACES} places"
            return Fault(f"{at}/rate", f"a rate is a decimal number {most}")
        if len(source) > MOST_SOURCE_CHARS:
            return Fault(f"{at}/source", f"a source has at most {MOST_SOURCE_CHARS} characters")
        if (currency, first) in found:
            return Fault(str(at), "a currency has one rate a day")
        found[currency, first] = StatedRate(currency, first, value, source)
    return list(found.values())


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year < date.max.year else None
