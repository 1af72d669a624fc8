"""The conditions of an event node: how often, and when first or last."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rules._facts import EventState
from rules._instants import instant_of
from rules._logic import Truth, conjunction
from rules._reading import Place, Reason, guess, listed
from rules._values import MAX_INTEGER
from rules._words import Words, same

StateTest = Callable[[EventState], Truth]
_Compare = Callable[[int, int], bool]

# name: (comparison, its opposite, words)
_COUNTS: dict[str, tuple[_Compare, str, Words]] = {
    "gte": (operator.ge, "lt", Words("at least {n}", "至少 {n} 次")),
    "gt": (operator.gt, "lte", Words("more than {n}", "多于 {n} 次")),
    "lte": (operator.le, "gt", Words("at most {n}", "至多 {n} 次")),
    "lt": (operator.lt, "gte", Words("fewer than {n}", "少于 {n} 次")),
    "eq": (operator.eq, "ne", Words("exactly {n}", "恰好 {n} 次")),
    "ne": (operator.ne, "eq", Words("any number of times but {n}", "次数不等于 {n} 次")),
}
_WHENS: dict[str, tuple[_Compare, Words]] = {
    "before": (operator.lt, Words("before {time}", "早于 {time}")),
    "after": (operator.gt, Words("after {time}", "晚于 {time}")),
}


@dataclass(frozen=True, slots=True)
class Count:
    """All bounds must hold."""

    bounds: tuple[tuple[str, int], ...]

    @classmethod
    def read(cls, place: Place, data: object) -> "Count | None":
        bounds = _members(place, data, _COUNTS)
        good: list[tuple[str, int]] = []
        for key, n in bounds:
            if isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= MAX_INTEGER:
                good.append((key, n))
            else:
                place.at(key).refuse(Reason.BAD_VALUE, f"expected a whole number from 0 to {MAX_INTEGER}")
        return cls(tuple(good)) if good else None

    def render(self) -> dict[str, Any]:
        return dict(self.bounds)

    def compile(self) -> StateTest:
        return conjunction(tuple(_count_test(_COUNTS[key][0], n) for key, n in self.bounds))

    def opposite(self) -> "Count | None":
        """What holds exactly when this does not, if one bound can say it."""
        if len(self.bounds) != 1:
            return None
        key, n = self.bounds[0]
        return Count(((_COUNTS[key][1], n),))

    def is_never(self) -> bool:
        return self.bounds in ((("eq", 0),), (("lte", 0),), (("lt", 1),))

    def say(self) -> Words:
        parts = [
            (_COUNTS[key][2].about(n=same(str(n))), "" if key == "ne" else _times(n))
            for key, n in self.bounds
        ]
        return Words(
            " " + " and ".join(p.en + times for p, times in parts), "、".join(p.zh for p, _ in parts)
        )


@dataclass(frozen=True, slots=True)
class When:
    """Bounds on a time, kept as they were written."""

    bounds: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, place: Place, data: object) -> "When | None":
        if isinstance(data, dict) and "property" in data:
            place.refuse(
                Reason.UNSUPPORTED_NODE, "the first or last value of a property is not supported yet"
            )
            return None
        good: list[tuple[str, str]] = []
        for key, time in _members(place, data, _WHENS):
            if isinstance(time, str) and instant_of(time) is not None:
                good.append((key, time))
            else:
                place.at(key).refuse(
                    Reason.BAD_VALUE, 'expected an RFC 3339 time such as "2025-01-31T09:00:00+08:00"'
                )
        return cls(tuple(good)) if good else None

    def render(self) -> dict[str, Any]:
        return dict(self.bounds)

    def compile(self, time_of: Callable[[EventState], int | None]) -> StateTest:
        return conjunction(
            tuple(_time_test(_WHENS[key][0], instant_of(time) or 0, time_of) for key, time in self.bounds)
        )

    def say(self) -> Words:
        parts = [_WHENS[key][1].about(time=same(time)) for key, time in self.bounds]
        return Words(" and ".join(p.en for p in parts), "且".join(p.zh for p in parts))


AT_LEAST_ONCE = Count((("gte", 1),))


def _members(place: Place, data: object, known: dict[str, Any]) -> list[tuple[str, object]]:
    """The known members in the order of the table, so that equal conditions are equal objects."""
    if not isinstance(data, dict) or not data or not all(isinstance(key, str) for key in data):
        place.refuse(Reason.NOT_AN_OBJECT, f"expected an object with one or more of {listed(known)}")
        return []
    for key in data:
        if key not in known:
            place.at(key).refuse(Reason.UNKNOWN_KEY, f"expected one of {listed(known)}{guess(key, known)}")
    return [(key, data[key]) for key in known if key in data]


def _count_test(compare: _Compare, n: int) -> StateTest:
    return lambda state: compare(state.count, n)


def _time_test(compare: _Compare, instant: int, time_of: Callable[[EventState], int | None]) -> StateTest:
    def run(state: EventState) -> Truth:
        ms = time_of(state)
        if state.count <= 0:
            return False
        return None if ms is None else compare(ms * 1_000, instant)

    return run


def _times(n: int) -> str:
    return " time" if n == 1 else " times"
