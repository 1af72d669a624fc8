"""Bounds on a number: `{"gte": 1, "lt": 5}`. All must hold."""

import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from rules._logic import Truth
from rules._reading import Place, Reason, guess, listed
from rules._values import MAX_INTEGER, scalar_of
from rules._words import Words, same

Number: TypeAlias = int | float | Fraction
Compare: TypeAlias = Callable[[Any, Any], bool]

COMPARE: dict[str, Compare] = {
    "gte": operator.ge,
    "gt": operator.gt,
    "lte": operator.le,
    "lt": operator.lt,
    "eq": operator.eq,
    "ne": operator.ne,
}
_WORDS = {
    "gte": Words("at least {n}", "不小于 {n}"),
    "gt": Words("more than {n}", "大于 {n}"),
    "lte": Words("at most {n}", "不大于 {n}"),
    "lt": Words("less than {n}", "小于 {n}"),
    "eq": Words("exactly {n}", "等于 {n}"),
    "ne": Words("other than {n}", "不等于 {n}"),
}
PROPERTIES: dict[str, Any] = {key: {"type": "number"} for key in COMPARE}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": PROPERTIES,
}


@dataclass(frozen=True, slots=True)
class Bounds:
    bounds: tuple[tuple[str, int | float], ...]

    @classmethod
    def read(cls, place: Place, data: object, beside: Iterable[str] = ()) -> "Bounds | None":
        """`beside` names other members that the object may have."""
        good: list[tuple[str, int | float]] = []
        for key, n in read_members(place, data, COMPARE, beside):
            literal = scalar_of(n)
            if literal is not None and literal.kind == "number" and isinstance(literal.raw, int | float):
                good.append((key, literal.raw))
            else:
                place.at(key).refuse(Reason.BAD_VALUE, f"expected a number (integers within ±{MAX_INTEGER})")
        return cls(tuple(good)) if good else None

    def render(self) -> dict[str, Any]:
        return dict(self.bounds)

    def hold(self, number: Number | None) -> Truth:
        """None, or what has no place among numbers: unknown."""
        if number is None or isinstance(number, bool) or number != number:
            return None
        return all(COMPARE[key](number, n) for key, n in self.bounds)

    def say(self) -> Words:
        parts = [_WORDS[key].about(n=same(str(n))) for key, n in self.bounds]
        return Words(" and ".join(p.en for p in parts), "且".join(p.zh for p in parts))


def read_members(
    place: Place, data: object, known: Iterable[str], beside: Iterable[str] = ()
) -> list[tuple[str, object]]:
    """The known members in the order of `known`, so that equal conditions are equal objects."""
    known = list(known)
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        place.refuse(Reason.NOT_AN_OBJECT, f"expected an object with one or more of {listed(known)}")
        return []
    every = [*known, *beside]
    for key in data:
        if key not in every:
            place.at(key).refuse(Reason.UNKNOWN_KEY, f"expected one of {listed(every)}{guess(key, every)}")
    members = [(key, data[key]) for key in known if key in data]
    if not members and all(key in every for key in data):
        place.refuse(Reason.NOT_AN_OBJECT, f"expected an object with one or more of {listed(known)}")
    return members


def finite(data: object) -> int | float | None:
    """The number that a piece of data is; a boolean is none."""
    if isinstance(data, bool) or not isinstance(data, int | float):
        return None
    return data if isinstance(data, int) or math.isfinite(data) else None


def shown(number: Number | None) -> int | float | None:
    """As JSON: exact where JSON can hold it, else the nearest float, else null."""
    if isinstance(number, int) and abs(number) <= MAX_INTEGER:
        return number
    try:
        return None if number is None else float(number)
    except OverflowError:
        return None
