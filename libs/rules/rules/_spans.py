"""Lengths of time as operators write them: 45m 12h 30d 8w 6mo 1y."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from rules._instants import SECOND, local_of, micros_of
from rules._reading import Place, Reason
from rules._words import Words

_FORM = re.compile(r"(\d{1,6})(m|h|d|w|mo|y)", re.ASCII)
EXPECTED = 'a length of time such as "45m", "12h", "30d", "8w", "6mo" or "1y"'
SCHEMA = {"type": "string", "pattern": "^[0-9]{1,6}(m|h|d|w|mo|y)$", "examples": ["45m", "12h", "30d", "6mo"]}
_EXACT = {"m": 60 * SECOND, "h": 3_600 * SECOND, "d": 86_400 * SECOND, "w": 604_800 * SECOND}
_WORDS = {
    "m": Words("minute", "分钟"),
    "h": Words("hour", "小时"),
    "d": Words("day", "天"),
    "w": Words("week", "周"),
    "mo": Words("month", "个月"),
    "y": Words("year", "年"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """Days and weeks are 24 hours and 7 of these. Months and years keep the clock and the day of the month on the
    person's calendar, or take the last day of a month that is too short."""

    number: int
    unit: str

    @property
    def text(self) -> str:
        return f"{self.number}{self.unit}"

    @property
    def exact(self) -> int | None:
        """Microseconds; None for months and years, which differ."""
        return self.number * _EXACT[self.unit] if self.unit in _EXACT else None

    def shift(self, instant: int, sign: int, zone: tzinfo) -> int | None:
        """The instant so much later (sign 1) or earlier (sign -1); None outside the years 1 to 9999."""
        if self.exact is not None:
            return instant + sign * self.exact
        local = local_of(instant, zone)
        return (
            None if local is None else _months_on(local, sign * self.number * (12 if self.unit == "y" else 1))
        )

    def say(self) -> Words:
        words = _WORDS[self.unit]
        return Words(
            f"{self.number} {words.en}{'' if self.number == 1 else 's'}", f"{self.number} {words.zh}"
        )


def span_of(data: object) -> Span | None:
    found = _FORM.fullmatch(data) if isinstance(data, str) else None
    return None if found is None else Span(int(found[1]), found[2])


def read_span(place: Place, data: object) -> Span | None:
    """The span, or None after refusing. A span of nothing would be a window without a moment in it."""
    span = span_of(data)
    if span is None or span.number == 0:
        place.refuse(Reason.BAD_VALUE, f"expected {EXPECTED}")
        return None
    return span


def _months_on(local: datetime, months: int) -> int | None:
    year, month0 = divmod(local.year * 12 + local.month - 1 + months, 12)
    try:
        last = _days_in(year, month0 + 1)
        return micros_of(local.replace(year=year, month=month0 + 1, day=min(local.day, last)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _days_in(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31
