"""`anniversary`: the day of the year comes round, on the person's calendar.

`"today"`; `{"within_next": "7d"}` and `{"within_last": "7d"}`, today included; `{"in": "7d"}` and `{"ago": "7d"}`, that
very day; or a period (`"this_month"`). The day itself is no anniversary, the same day of a later year is. Who was born on
29 February has it on the 28th of a common year. Lunar birthdays become a stored date where they are written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from rules import _types as types
from rules._facts import Facts
from rules._instants import local_of
from rules._logic import Truth
from rules._needs import FactKind
from rules._operands import Operand
from rules._operator import Bind, Operator, Situated, ValueTest, unknown
from rules._person_time import local_in
from rules._reading import Place, Reason, guess, listed
from rules._spans import SCHEMA as SPAN_SCHEMA
from rules._spans import Span, read_span
from rules._windows import PERIODS, Calendar
from rules._words import Words

_DAYS = {"d": 1, "w": 7}
_LONGEST = 366
_FORMS: dict[str, tuple[Callable[[int], tuple[int, int]], Words]] = {
    "within_next": (lambda n: (0, n), Words("in the next {span}, today included", "今天起 {span}内")),
    "within_last": (
        lambda n: (-n, 0),
        Words("in the last {span}, today included", "最近 {span}内（含今天）"),
    ),
    "in": (lambda n: (n, n), Words("in {span}", "{span}后当天")),
    "ago": (lambda n: (-n, -n), Words("{span} ago", "{span}前当天")),
}
_EXPECTED = f"expected one of {listed(PERIODS)}, or an object with one of {listed(_FORMS)} and days or weeks"


@dataclass(frozen=True, slots=True)
class Nearby:
    form: str
    span: Span

    def days(self, today: date) -> tuple[date, date]:
        """The first day and the last."""
        first, last = _FORMS[self.form][0](self.span.number * _DAYS[self.span.unit])
        return today + timedelta(days=first), today + timedelta(days=last)

    def render(self) -> dict[str, str]:
        return {self.form: self.span.text}

    def say(self) -> Words:
        return _FORMS[self.form][1].about(span=self.span.say())


def _read(place: Place, data: object) -> Nearby | Calendar | None:
    if isinstance(data, str) and data in PERIODS:
        return Calendar(data)
    if not isinstance(data, dict) or len(data) != 1 or not set(data) <= set(_FORMS):
        hint = guess(data, PERIODS) if isinstance(data, str) else ""
        place.refuse(Reason.BAD_VALUE, _EXPECTED + hint)
        return None
    ((form, text),) = data.items()
    span = read_span(place.at(form), text)
    if span is None:
        return None
    if span.unit not in _DAYS or span.number * _DAYS[span.unit] > _LONGEST:
        place.at(form).refuse(Reason.BAD_VALUE, 'expected days or weeks, at most a year, such as "7d"')
        return None
    return Nearby(form, span)


def _days(value: Nearby | Calendar, today: date) -> tuple[date, date] | None:
    """The first day and the last; None beyond the calendar."""
    try:
        if isinstance(value, Nearby):
            return value.days(today)
        bounds = value.days(today)
        return None if bounds is None else (bounds[0], bounds[1] - timedelta(days=1))
    except OverflowError:
        return None


def _anniversary(value: Nearby | Calendar) -> Bind:
    def bind(facts: Facts) -> ValueTest:
        now = None if facts.now_ms is None else local_of(facts.now_ms * 1_000, facts.zone)
        days = None if now is None else _days(value, now.date())
        if days is None:
            return unknown
        (first, last), zone = days, facts.zone

        def run(data: object) -> Truth:
            born = local_in(zone, data)
            return None if born is None else _comes_round(born, first, last)

        return run

    return bind


def _comes_round(born: datetime, first: date, last: date) -> bool:
    years = range(max(first.year, born.year + 1), last.year + 1)
    return any(first <= _day_in(year, born) <= last for year in years)


def _day_in(year: int, born: datetime) -> date:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, born.month, 28 if (born.month, born.day) == (2, 29) and not leap else born.day)


def _render(value: Nearby | Calendar) -> Any:
    return value.render()


def _say(value: Nearby | Calendar) -> Words:
    return value.say()


_OPERAND: Operand[Nearby | Calendar] = Operand(
    "when the anniversary falls",
    _read,
    {
        "anyOf": [
            {"enum": list(PERIODS)},
            {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "properties": dict.fromkeys(_FORMS, SPAN_SCHEMA),
            },
        ]
    },
    equates=False,
    render=_render,
    say=_say,
)
OPERATORS = (
    Operator(
        "anniversary",
        _OPERAND,
        Situated(_anniversary, lambda value: frozenset({FactKind.CLOCK})),
        Words("has its anniversary {value}", "的周年日在{value}"),
        Words("is a date whose anniversary is not {value}", "为日期且周年日不在{value}"),
        reads=types.DATES,
    ),
)
