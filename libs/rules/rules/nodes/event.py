"""`{"event": name, "count": {…}, "first": {…}, "last": {…}}`: what the person did, over the whole lifetime."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rules._facts import NEVER, EventState, Facts
from rules._instants import text_of
from rules._logic import Truth, conjunction
from rules._reading import Place, Reason
from rules._rule import ReadChild, Rule, Test
from rules._values import is_clean
from rules._words import Clause, Words, name
from rules.nodes._event_conditions import AT_LEAST_ONCE, Count, When

_KEYS = frozenset({"event", "count", "first", "last"})
_LATER = frozenset({"where", "within", "sum", "avg", "min", "max", "distinct", "without", "same"})
_DID = Words("who did {event}{count}{times}", "做过{event}{count}{times}")
_NEVER = Words("who never did {event}", "从未做过{event}")
_NOT = Words("not ({clause})", "不满足（{clause}）")
_FIRST = Words("the first {when}", "首次{when}")
_LAST = Words("the last {when}", "最近一次{when}")
_TIMES = Words(" ({times})", "（{times}）")


@dataclass(frozen=True, slots=True)
class Event(Rule):
    KEY: ClassVar[str] = "event"
    name: str
    count: Count | None = None
    first: When | None = None
    last: When | None = None

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Event | None":
        place.check_keys(data, _KEYS, _LATER)
        event = data[cls.KEY]
        if not isinstance(event, str) or not event or not is_clean(event):
            place.at(cls.KEY).refuse(
                Reason.BAD_VALUE, 'expected the name of an event, such as "Order Completed"'
            )
            return None
        return cls(
            event,
            Count.read(place.at("count"), data["count"]) if "count" in data else None,
            When.read(place.at("first"), data["first"]) if "first" in data else None,
            When.read(place.at("last"), data["last"]) if "last" in data else None,
        )

    def render(self) -> dict[str, Any]:
        parts = {"count": self.count, "first": self.first, "last": self.last}
        return {self.KEY: self.name} | {key: part.render() for key, part in parts.items() if part is not None}

    def compile(self) -> Test:
        key = self.name
        tests = [(self.count or AT_LEAST_ONCE).compile()]
        if self.first is not None:
            tests.append(self.first.compile(_first_ms))
        if self.last is not None:
            tests.append(self.last.compile(_last_ms))
        test = conjunction(tuple(tests))

        def run(facts: Facts) -> Truth:
            return test(facts.events.get(key, NEVER))

        return run

    def say(self, denied: bool) -> Clause:
        event, count = name(self.name), self.count or AT_LEAST_ONCE
        times = [
            words.about(when=when.say()) for words, when in ((_FIRST, self.first), (_LAST, self.last)) if when
        ]
        opposite = None if times else count.opposite()
        if denied and opposite is None:
            return Clause(_NOT.about(clause=self.say(denied=False).words))
        said = opposite if denied and opposite is not None else count
        if said.is_never() and not times:
            return Clause(_NEVER.about(event=event))
        spoken = Words("", "") if said == AT_LEAST_ONCE else said.say()
        return Clause(_DID.about(event=event, count=spoken, times=_bracket(times)))

    def explain(self, facts: Facts) -> dict[str, Any]:
        state = facts.events.get(self.name, NEVER)
        value = {"count": state.count, "first": _shown(state.first_ms), "last": _shown(state.last_ms)}
        return self.leaf(facts) | {"value": value}

    def events(self) -> frozenset[str]:
        return frozenset({self.name})


def _first_ms(state: EventState) -> int | None:
    return state.first_ms


def _last_ms(state: EventState) -> int | None:
    return state.last_ms


def _shown(ms: int | None) -> str | None:
    return None if ms is None else text_of(ms)


def _bracket(times: list[Words]) -> Words:
    if not times:
        return Words("", "")
    return _TIMES.about(times=Words(", ".join(t.en for t in times), "，".join(t.zh for t in times)))


NODE = Event
