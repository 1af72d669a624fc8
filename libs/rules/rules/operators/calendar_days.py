"""`weekday` and `time_of_day`: when in the person's week or day a date-time falls.

`weekday`: one of the days, `mon` to `sun`. `time_of_day`: from the first time up to, and not including, the second, over
midnight if the second is the smaller. A full-date has a weekday and no time of day.
"""

import re
from dataclasses import dataclass

from rules import _types as types
from rules._facts import Facts
from rules._instants import is_full_date
from rules._logic import Truth
from rules._needs import FactKind
from rules._operands import Operand
from rules._operator import Bind, Operator, Situated, ValueTest
from rules._person_time import local_in
from rules._reading import Place, Reason, listed
from rules._words import Words

_DAYS = {
    "mon": Words("Monday", "周一"),
    "tue": Words("Tuesday", "周二"),
    "wed": Words("Wednesday", "周三"),
    "thu": Words("Thursday", "周四"),
    "fri": Words("Friday", "周五"),
    "sat": Words("Saturday", "周六"),
    "sun": Words("Sunday", "周日"),
}
_NAMES = list(_DAYS)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)", re.ASCII)
_ZONE = frozenset({FactKind.CLOCK})


@dataclass(frozen=True, slots=True)
class Hours:
    start: str
    end: str

    def render(self) -> list[str]:
        return [self.start, self.end]

    def say(self) -> Words:
        return Words(f"{self.start} and {self.end}", f"{self.start} 至 {self.end}")


def _read_days(place: Place, data: object) -> tuple[str, ...] | None:
    if not isinstance(data, list) or not data:
        place.refuse(Reason.NOT_A_LIST, f"expected a list of one or more of {listed(_DAYS)}")
        return None
    for index, day in enumerate(data):
        if not isinstance(day, str) or day not in _DAYS:
            place.at(index).refuse(Reason.BAD_VALUE, f"expected one of {listed(_DAYS)}")
            return None
    return tuple(data)


def _read_hours(place: Place, data: object) -> Hours | None:
    good = isinstance(data, list) and len(data) == 2
    texts = data if isinstance(data, list) else []
    if not good or not all(isinstance(each, str) and _TIME.fullmatch(each) for each in texts):
        place.refuse(Reason.BAD_VALUE, 'expected two times of the day, such as ["09:00", "18:00"]')
        return None
    if texts[0] == texts[1]:
        place.refuse(Reason.BAD_VALUE, "the times are the same; nothing lies between them")
        return None
    return Hours(*texts)


def _weekday(days: tuple[str, ...]) -> Bind:
    def bind(facts: Facts) -> ValueTest:
        zone = facts.zone

        def run(data: object) -> Truth:
            local = local_in(zone, data)
            return None if local is None else _NAMES[local.weekday()] in days

        return run

    return bind


def _time_of_day(hours: Hours) -> Bind:
    start, end = _minutes(hours.start), _minutes(hours.end)

    def bind(facts: Facts) -> ValueTest:
        zone = facts.zone

        def run(data: object) -> Truth:
            local = local_in(zone, data)
            if local is None or (isinstance(data, str) and is_full_date(data)):
                return None
            minute = local.hour * 60 + local.minute
            return start <= minute < end if start < end else minute >= start or minute < end

        return run

    return bind


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _say_days(days: tuple[str, ...]) -> Words:
    said = [_DAYS[day] for day in days]
    return Words(" or ".join(w.en for w in said), "或".join(w.zh for w in said))


_DAY_LIST: Operand[tuple[str, ...]] = Operand(
    "a list of days",
    _read_days,
    {"type": "array", "minItems": 1, "items": {"enum": _NAMES}},
    equates=False,
    render=list,
    say=_say_days,
    normal=lambda days: tuple(sorted(set(days), key=_NAMES.index)),
)
_HOURS: Operand[Hours] = Operand(
    "two times of the day",
    _read_hours,
    {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "string", "pattern": _TIME.pattern}},
    equates=False,
    render=Hours.render,
    say=Hours.say,
)
OPERATORS = (
    Operator(
        "weekday",
        _DAY_LIST,
        Situated(_weekday, lambda days: _ZONE),
        Words("falls on a {value}", "在{value}"),
        Words("is a date that does not fall on a {value}", "为日期且不在{value}"),
        reads=types.DATES,
    ),
    Operator(
        "time_of_day",
        _HOURS,
        Situated(_time_of_day, lambda hours: _ZONE),
        Words("is at a time between {value}", "的时刻在 {value}之间"),
        Words("is at a time not between {value}", "的时刻不在 {value}之间"),
        reads=types.DATES,
    ),
)
