"""`{"event": name, …}`: what the person did. `where` and `within` choose among the events of that name; `count`, the
aggregates, `first` and `last` speak about the chosen ones. An event of which `where` is unknown is not chosen."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rules._bounds import shown
from rules._facts import NEVER, Facts, Happening, state_of
from rules._instants import text_of
from rules._logic import Truth, conjunction
from rules._needs import FactKind, Need
from rules._predicates import read_predicate
from rules._reading import Place, read_name
from rules._rule import ReadChild, Rule, Test
from rules._schema import Fault, Schema
from rules._where import Where, read_where
from rules._windows import SCHEMA as WINDOW_SCHEMA
from rules._windows import Window, read_window
from rules._words import Clause, Words, name
from rules.nodes._aggregates import END_SCHEMA, KINDS, Aggregate, EndValue, order
from rules.nodes._aggregates import SCHEMA as AGGREGATE_SCHEMA
from rules.nodes._event_conditions import (
    AT_LEAST_ONCE,
    COUNT_SCHEMA,
    WHEN_SCHEMA,
    Condition,
    Count,
    Seen,
    When,
)

_DID = Words("who did {event}{where}{count}{window}{times}", "{window}做过{event}{where}{count}{times}")
_NEVER = Words("who never did {event}{where}{window}", "{window}从未做过{event}{where}")
_NOT = Words("not ({clause})", "不满足（{clause}）")
_ENDS = {"first": Words("the first {when}", "首次{when}"), "last": Words("the last {when}", "最近一次{when}")}
_TIMES = Words(" ({times})", "（{times}）")
_WHERE = Words(" where ({where})", "（其中{where}）")
_WINDOW = Words(" {window}", "{window}")
_SILENT = Words("", "")

Choose = Callable[[Facts], Sequence[Happening] | None]


@dataclass(frozen=True, slots=True)
class Event(Rule):
    KEY: ClassVar[str] = "event"
    SCHEMA: ClassVar[dict[str, Any]] = {
        "event": {"type": "string", "minLength": 1},
        "where": {"type": "array", "minItems": 1},
        "within": WINDOW_SCHEMA,
        "count": COUNT_SCHEMA,
        **dict.fromkeys(KINDS, AGGREGATE_SCHEMA),
        **{key: {"anyOf": [WHEN_SCHEMA, END_SCHEMA]} for key in _ENDS},
    }
    LABEL: ClassVar[Words] = Words("did or did not", "行为")
    name: str
    where: Where | None = None
    within: Window | None = None
    count: Count | None = None
    aggregates: tuple[Aggregate, ...] = ()
    ends: tuple[tuple[str, When | EndValue], ...] = ()

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Event | None":
        place.check_keys(data, cls.SCHEMA)
        event = read_name(place.at(cls.KEY), data[cls.KEY], 'the name of an event, such as "Order Completed"')
        where = read_where(place.at("where"), data["where"], read_predicate) if "where" in data else None
        within = read_window(place.at("within"), data["within"]) if "within" in data else None
        count = Count.read(place.at("count"), data["count"]) if "count" in data else None
        read = [Aggregate.read(kind, place.at(kind), data[kind]) for kind in KINDS if kind in data]
        ends = [(key, _read_end(place.at(key), data[key])) for key in _ENDS if key in data]
        if event is None:
            return None
        # What could not be read is refused already, so that a node without it is never used.
        return cls(
            event,
            where,
            within,
            count,
            tuple(each for each in read if each is not None),
            tuple((key, each) for key, each in ends if each is not None),
        )

    def render(self) -> dict[str, Any]:
        parts: dict[str, Any] = {"where": self.where, "within": self.within, "count": self.count}
        parts |= {each.kind: each for each in self.aggregates} | dict(self.ends)
        return {self.KEY: self.name} | {key: part.render() for key, part in parts.items() if part is not None}

    def compile(self) -> Test:
        if self._looks_inside():
            return self._compile_history()
        return self._compile_state()

    def say(self, denied: bool) -> Clause:
        count = self.count or AT_LEAST_ONCE
        opposite = None if self.ends or self.aggregates else count.opposite()
        if denied and opposite is None:
            return Clause(_NOT.about(clause=self.say(denied=False).words))
        said = opposite if denied and opposite is not None else count
        parts = {
            "event": name(self.name),
            "where": _SILENT if self.where is None else _WHERE.about(where=self.where.say().words),
            "window": _SILENT if self.within is None else _WINDOW.about(window=self.within.say()),
        }
        if said.is_never() and not self.ends and not self.aggregates:
            return Clause(_NEVER.about(**parts))
        spoken = _SILENT if said == AT_LEAST_ONCE else said.say()
        return Clause(_DID.about(**parts, count=spoken, times=self._say_conditions()))

    def explain(self, facts: Facts) -> dict[str, Any]:
        if not self._looks_inside():
            state = facts.events.get(self.name, NEVER)
            return self.leaf(facts, _shown(state.count, state.first_ms, state.last_ms))
        chosen = self._choose()(facts)
        if chosen is None:
            return self.leaf(facts, None)
        state = state_of(chosen)
        values = {each.kind: shown(each.value(chosen)) for each in self.aggregates}
        return self.leaf(facts, _shown(state.count, state.first_ms, state.last_ms) | values)

    def needs(self) -> tuple[Need, ...]:
        found: list[Need] = []
        for at in self._inside_keys():
            found.append(Need(FactKind.EVENTS, self.name, self.within, (at,), (self.KEY,)))
        if not found:
            found.append(Need(FactKind.EVENT_STATES, self.name, named_at=(self.KEY,)))
        if self.where is not None:
            found += self.where.needs()
        if self.within is not None and self.within.needs_clock:
            found.append(Need(FactKind.CLOCK, at=("within",)))
        for key, end in self.ends:
            if isinstance(end, When) and end.within is not None and end.within.needs_clock:
                found.append(Need(FactKind.CLOCK, at=(key, "within")))
        return tuple(found)

    def faults(self, schema: Schema) -> Iterable[Fault]:
        properties = None if schema.events is None else schema.events.get(self.name)
        if properties is None:
            return
        if self.where is not None:
            yield from self.where.faults(properties, f'"{self.name}"')
        for aggregate in self.aggregates:
            yield from aggregate.faults(properties)
        for key, end in self.ends:
            if isinstance(end, EndValue):
                yield from end.faults(key, properties)

    def normal(self) -> "Event":
        count = None if self.count is None else self.count.normal()
        return self._with(None if count == AT_LEAST_ONCE else count)

    def denial(self) -> "Event | None":
        opposite = None if self.ends or self.aggregates else (self.count or AT_LEAST_ONCE).opposite()
        return None if opposite is None else self._with(opposite).normal()

    def _with(self, count: Count | None) -> "Event":
        return Event(self.name, self.where, self.within, count, self.aggregates, self.ends)

    def _inside_keys(self) -> list[str]:
        """The members that the lifetime state cannot answer."""
        keys = [key for key, part in (("where", self.where), ("within", self.within)) if part is not None]
        keys += [each.kind for each in self.aggregates]
        return keys + [key for key, end in self.ends if isinstance(end, EndValue)]

    def _looks_inside(self) -> bool:
        return bool(self._inside_keys())

    def _say_conditions(self) -> Words:
        said = [each.say() for each in self.aggregates]
        said += [_ENDS[key].about(when=end.say()) for key, end in self.ends]
        if not said:
            return _SILENT
        return _TIMES.about(times=Words(", ".join(t.en for t in said), "，".join(t.zh for t in said)))

    def _compile_state(self) -> Test:
        key, counts = self.name, (self.count or AT_LEAST_ONCE).compile()
        if not self.ends:
            return lambda facts: counts(facts.events.get(key, NEVER).count)
        holds = conjunction(self._conditions())

        def run(facts: Facts) -> Truth:
            state = facts.events.get(key, NEVER)
            return holds(Seen(state, (), facts)) if counts(state.count) else False

        return run

    def _compile_history(self) -> Test:
        choose, counts = self._choose(), (self.count or AT_LEAST_ONCE).compile()
        holds = conjunction(self._conditions())

        def run(facts: Facts) -> Truth:
            chosen = choose(facts)
            if chosen is None:
                return None
            if not counts(len(chosen)):
                return False
            return holds(Seen(state_of(chosen), chosen, facts))

        return run

    def _choose(self) -> Choose:
        """The events that the node speaks about; None when they, or the window, are not known."""
        key, within = self.name, self.within
        bind = None if self.where is None else self.where.bind()

        def run(facts: Facts) -> Sequence[Happening] | None:
            if facts.history is None:
                return None
            chosen = facts.history.get(key, ())
            if within is not None:
                bounds = within.range(facts.now_ms, facts.zone)
                if bounds is None:
                    return None
                chosen = [each for each in chosen if bounds[0] <= each.at_ms * 1_000 < bounds[1]]
            if bind is not None:
                test = bind(facts)
                chosen = [each for each in chosen if test(each.properties) is True]
            return chosen

        return run

    def _conditions(self) -> tuple[Condition, ...]:
        return *(each.hold for each in self.aggregates), *(_condition(key, end) for key, end in self.ends)


def _condition(key: str, end: When | EndValue) -> Condition:
    pick = min if key == "first" else max
    if isinstance(end, EndValue):
        return lambda seen: end.hold(pick(seen.happenings, key=order, default=None))

    test, is_first = end.compile(), key == "first"

    def when(seen: Seen) -> Truth:
        state = seen.state
        return False if state.count <= 0 else test(state.first_ms if is_first else state.last_ms, seen.facts)

    return when


def _read_end(place: Place, data: object) -> When | EndValue | None:
    if isinstance(data, dict) and "property" in data and all(isinstance(key, str) for key in data):
        return EndValue.read(place, data)
    return When.read(place, data)


def _shown(count: int, first_ms: int | None, last_ms: int | None) -> dict[str, Any]:
    first, last = (None if ms is None else text_of(ms) for ms in (first_ms, last_ms))
    return {"count": count, "first": first, "last": last}


NODE = Event
