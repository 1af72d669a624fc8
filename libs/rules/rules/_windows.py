"""Windows of time: rolling ("30d"), absolute ({"from", "to"}) or of the calendar ("this_month").

Rolling: later than the moment so long ago, up to and including now; so an event leaves exactly when it is that old,
and one that claims to come from the future is not in it. Absolute: `from` is inside, `to` is not; either may be left
out. Calendar: from the first moment of the day, ISO week (it begins on Monday), month, quarter or year to the first of
the next, on the person's calendar.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo
from typing import Any

from rules._instants import instant_of, local_of, midnight
from rules._reading import Place, Reason, guess, listed
from rules._spans import SCHEMA as SPAN_SCHEMA
from rules._spans import Span, read_span, span_of
from rules._words import Words, same

Range = tuple[int, int]
"""Instants: the first inside, and the first after it that is not."""

_EVER: Range = (-(10**18), 10**18)  # wider than the calendar's years 1 to 9999
_FROM_TO = Words("from {start} until before {end}", "{start} 起至 {end} 前")
_FROM = Words("from {start} on", "{start} 起")
_UNTIL = Words("before {end}", "{end} 前")
_ROLLING = Words("in the last {span}", "最近 {span}内")
PERIODS = {
    "today": ("day", 0, Words("today", "今天")),
    "yesterday": ("day", -1, Words("yesterday", "昨天")),
    "tomorrow": ("day", 1, Words("tomorrow", "明天")),
    "this_week": ("week", 0, Words("this week", "本周")),
    "last_week": ("week", -1, Words("last week", "上周")),
    "next_week": ("week", 1, Words("next week", "下周")),
    "this_month": ("month", 0, Words("this month", "本月")),
    "last_month": ("month", -1, Words("last month", "上月")),
    "next_month": ("month", 1, Words("next month", "下月")),
    "this_quarter": ("quarter", 0, Words("this quarter", "本季度")),
    "last_quarter": ("quarter", -1, Words("last quarter", "上季度")),
    "next_quarter": ("quarter", 1, Words("next quarter", "下季度")),
    "this_year": ("year", 0, Words("this year", "今年")),
    "last_year": ("year", -1, Words("last year", "去年")),
    "next_year": ("year", 1, Words("next year", "明年")),
}
SCHEMA = {
    "anyOf": [
        SPAN_SCHEMA,
        {"enum": list(PERIODS)},
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": False,
            "properties": {"from": {"type": "string"}, "to": {"type": "string"}},
        },
    ]
}
EXPECTED = 'a window: "30d", {"from": time, "to": time} or a period of the calendar such as "this_month"'


class Window(ABC):
    """Frozen; `now_ms` is milliseconds since 1970 UTC, None when it is not known."""

    __slots__ = ()
    needs_clock = True

    @abstractmethod
    def range(self, now_ms: int | None, zone: tzinfo) -> Range | None:
        """None when it cannot be told: no clock, or beyond the calendar."""

    @abstractmethod
    def render(self) -> Any: ...

    @abstractmethod
    def say(self) -> Words: ...


@dataclass(frozen=True, slots=True)
class Rolling(Window):
    span: Span

    def range(self, now_ms: int | None, zone: tzinfo) -> Range | None:
        if now_ms is None:
            return None
        now = now_ms * 1_000
        start = self.span.shift(now, -1, zone)
        return None if start is None else (start + 1, now + 1)

    def render(self) -> str:
        return self.span.text

    def say(self) -> Words:
        return _ROLLING.about(span=self.span.say())


@dataclass(frozen=True, slots=True)
class Absolute(Window):
    """Bounds kept as they were written; a full-date is midnight UTC."""

    start: str | None
    end: str | None
    needs_clock = False

    def range(self, now_ms: int | None, zone: tzinfo) -> Range:
        start, end = instant_of(self.start or ""), instant_of(self.end or "")
        return (_EVER[0] if start is None else start, _EVER[1] if end is None else end)

    def render(self) -> dict[str, str]:
        bounds = {"from": self.start, "to": self.end}
        return {key: time for key, time in bounds.items() if time is not None}

    def say(self) -> Words:
        form = _UNTIL if self.start is None else _FROM if self.end is None else _FROM_TO
        return form.about(start=same(self.start or ""), end=same(self.end or ""))


@dataclass(frozen=True, slots=True)
class Calendar(Window):
    period: str

    def days(self, today: date) -> tuple[date, date] | None:
        """The first day of the period, and of the one after it."""
        unit, offset, _ = PERIODS[self.period]
        first, after = _start(today, unit, offset), _start(today, unit, offset + 1)
        return None if first is None or after is None else (first, after)

    def range(self, now_ms: int | None, zone: tzinfo) -> Range | None:
        now = None if now_ms is None else local_of(now_ms * 1_000, zone)
        days = None if now is None else self.days(now.date())
        if days is None:
            return None
        start, end = midnight(days[0], zone), midnight(days[1], zone)
        return None if start is None or end is None else (start, end)

    def render(self) -> str:
        return self.period

    def say(self) -> Words:
        return PERIODS[self.period][2]


def read_window(place: Place, data: object) -> Window | None:
    """The window, or None after refusing."""
    if isinstance(data, dict):
        return _absolute(place, data)
    if isinstance(data, str) and data in PERIODS:
        return Calendar(data)
    if isinstance(data, str) and span_of(data) is None:
        place.refuse(Reason.BAD_VALUE, f"expected {EXPECTED}{guess(data, PERIODS)}")
        return None
    span = read_span(place, data)
    return None if span is None else Rolling(span)


def _absolute(place: Place, data: dict[Any, object]) -> Absolute | None:
    bounds = {key: data[key] for key in ("from", "to") if key in data}
    if not bounds or len(bounds) < len(data):
        place.refuse(Reason.BAD_VALUE, f"expected {listed(('from', 'to'))}, one or both, and nothing else")
        return None
    good = True
    for key, time in bounds.items():
        if not isinstance(time, str) or instant_of(time) is None:
            place.at(key).refuse(
                Reason.BAD_VALUE, 'expected an RFC 3339 time such as "2025-01-31T09:00:00+08:00"'
            )
            good = False
    if not good:
        return None
    window = Absolute(*(None if key not in bounds else str(bounds[key]) for key in ("from", "to")))
    start, end = window.range(None, UTC)
    if start >= end:
        place.refuse(Reason.BAD_VALUE, '"from" must be earlier than "to", which is not part of the window')
        return None
    return window


def _start(today: date, unit: str, offset: int) -> date | None:
    """The first day of the unit so many units from today's; None beyond the calendar."""
    try:
        if unit == "day":
            return today + timedelta(days=offset)
        if unit == "week":
            return today - timedelta(days=today.weekday()) + timedelta(weeks=offset)
        if unit == "year":
            return date(today.year + offset, 1, 1)
        length = 3 if unit == "quarter" else 1
        index = (today.year * 12 + today.month - 1) // length + offset
        year, month0 = divmod(index * length, 12)
        return date(year, month0 + 1, 1)
    except (ValueError, OverflowError):
        return None
