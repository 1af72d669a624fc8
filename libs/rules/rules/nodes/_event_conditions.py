"""The conditions of an event node: how often, when first or last, and what values add up to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from rules._bounds import COMPARE, read_members
from rules._facts import EventState, Facts, Happening
from rules._instants import instant_of
from rules._logic import Truth
from rules._reading import Place, Reason
from rules._values import MAX_INTEGER
from rules._windows import SCHEMA as WINDOW_SCHEMA
from rules._windows import Window, read_window
from rules._words import Words, same


@dataclass(frozen=True, slots=True)
class Seen:
    """What a node has to go by: the state of the events it means, these events if it needed them, and the person."""

    state: EventState
    happenings: Sequence[Happening]
    facts: Facts


Condition: TypeAlias = Callable[[Seen], Truth]
TimeTest: TypeAlias = Callable[[int | None, Facts], Truth]

# name: (its opposite, words)
_COUNTS: dict[str, tuple[str, Words]] = {
    "gte": ("lt", Words("at least {n}", "至少 {n} 次")),
    "gt": ("lte", Words("more than {n}", "多于 {n} 次")),
    "lte": ("gt", Words("at most {n}", "至多 {n} 次")),
    "lt": ("gte", Words("fewer than {n}", "少于 {n} 次")),
    "eq": ("ne", Words("exactly {n}", "恰好 {n} 次")),
    "ne": ("eq", Words("any number of times but {n}", "次数不等于 {n} 次")),
}
_WHENS = {
    "before": Words("before {time}", "早于 {time}"),
    "after": Words("after {time}", "晚于 {time}"),
    "within": Words("{time}", "在{time}"),
}
COUNT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {key: {"type": "integer", "minimum": 0} for key in _COUNTS},
}
WHEN_SCHEMA: dict[str, Any] = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": False,
    "properties": {
        "before": {"type": "string", "format": "date-time"},
        "after": {"type": "string", "format": "date-time"},
        "within": WINDOW_SCHEMA,
    },
}


@dataclass(frozen=True, slots=True)
class Count:
    """All bounds must hold."""

    bounds: tuple[tuple[str, int], ...]

    @classmethod
    def read(cls, place: Place, data: object) -> "Count | None":
        good: list[tuple[str, int]] = []
        for key, n in read_members(place, data, _COUNTS):
            if isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= MAX_INTEGER:
                good.append((key, n))
            else:
                place.at(key).refuse(Reason.BAD_VALUE, f"expected a whole number from 0 to {MAX_INTEGER}")
        return cls(tuple(good)) if good else None

    def render(self) -> dict[str, Any]:
        return dict(self.bounds)

    def compile(self) -> Callable[[int], bool]:
        if len(self.bounds) == 1:
            ((key, limit),) = self.bounds
            compare = COMPARE[key]
            return lambda count: compare(count, limit)
        return lambda count: all(COMPARE[key](count, n) for key, n in self.bounds)

    def opposite(self) -> "Count | None":
        """What holds exactly when this does not, if one bound can say it."""
        if len(self.bounds) != 1:
            return None
        key, n = self.bounds[0]
        return Count(((_COUNTS[key][0], n),))

    def normal(self) -> "Count":
        if self.is_never():
            return NEVER_ONCE
        return AT_LEAST_ONCE if self.bounds == (("gt", 0),) else self

    def is_never(self) -> bool:
        return self.bounds in ((("eq", 0),), (("lte", 0),), (("lt", 1),))

    def say(self) -> Words:
        parts = [
            (_COUNTS[key][1].about(n=same(str(n))), "" if key == "ne" else _times(n))
            for key, n in self.bounds
        ]
        return Words(
            " " + " and ".join(p.en + times for p, times in parts), "、".join(p.zh for p, _ in parts)
        )


@dataclass(frozen=True, slots=True)
class When:
    """Bounds on a time, kept as they were written. All must hold."""

    bounds: tuple[tuple[str, str], ...]
    within: Window | None = None

    @classmethod
    def read(cls, place: Place, data: object) -> "When | None":
        good: list[tuple[str, str]] = []
        within: Window | None = None
        for key, time in read_members(place, data, _WHENS):
            if key == "within":
                within = read_window(place.at(key), time)
            elif isinstance(time, str) and instant_of(time) is not None:
                good.append((key, time))
            else:
                place.at(key).refuse(
                    Reason.BAD_VALUE, 'expected an RFC 3339 time such as "2025-01-31T09:00:00+08:00"'
                )
        return cls(tuple(good), within) if good or within is not None else None

    def render(self) -> dict[str, Any]:
        return dict(self.bounds) | ({} if self.within is None else {"within": self.within.render()})

    def compile(self) -> TimeTest:
        """Test of a time in milliseconds since 1970 UTC; None: unknown."""
        within = self.within
        limits = {key: instant_of(time) for key, time in self.bounds}
        before, after = limits.get("before"), limits.get("after")

        def run(ms: int | None, facts: Facts) -> Truth:
            if ms is None:
                return None
            instant = ms * 1_000
            if (before is not None and instant >= before) or (after is not None and instant <= after):
                return False
            if within is None:
                return True
            bounds = within.range(facts.now_ms, facts.zone)
            return None if bounds is None else bounds[0] <= instant < bounds[1]

        return run

    def say(self) -> Words:
        parts = [_WHENS[key].about(time=same(time)) for key, time in self.bounds]
        parts += [] if self.within is None else [_WHENS["within"].about(time=self.within.say())]
        return Words(" and ".join(p.en for p in parts), "且".join(p.zh for p in parts))


AT_LEAST_ONCE = Count((("gte", 1),))
NEVER_ONCE = Count((("eq", 0),))


def _times(n: int) -> str:
    return " time" if n == 1 else " times"
