"""`{"sequence": [step, …], "within": …, "without": …, "same": {…}}`: events one after another.

A step is an event with an optional `where`, and `within`: at most so long after the step before it. Later means later:
of two events of one millisecond neither comes after the other. `within` of the node is a window that all steps fall
in. `same` names a property by event: all steps of these events, and the `without` event if it is named, share one value
of it. `without`: no such event strictly between the first step and the last.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from rules._facts import Facts, Happening
from rules._instants import rfc3339
from rules._logic import Truth
from rules._needs import FactKind, Need
from rules._paths import Path, read_path
from rules._reading import Place, Reason
from rules._rule import ReadChild, Rule, Test
from rules._schema import Fault, Schema, prefixed, unknown
from rules._values import equal_key
from rules._windows import SCHEMA as WINDOW_SCHEMA
from rules._windows import Window, read_window
from rules._words import Clause, Words
from rules.nodes._chains import follows
from rules.nodes._step import BARRED_SCHEMA, Step
from rules.nodes._step import SCHEMA as STEP_SCHEMA

MAX_STEPS = 20
_DID = Words("who{window} did {steps}{without}{same}", "{window}依次做过{steps}{without}{same}")
_NOT = Words("not ({clause})", "不满足（{clause}）")
_THEN = Words(", then ", "，然后")
_WITHOUT = Words(", without {event} between them", "，其间没有{event}")
_SAME = Words(", with the same {paths}", "，且{paths}相同")
_SILENT = Words("", "")

Key = tuple[str, object]
Times = dict[Key, list[int]]
_ANY_KEY: Key = ("any", None)


@dataclass(frozen=True, slots=True)
class InOrder(Rule):
    KEY: ClassVar[str] = "sequence"
    SCHEMA: ClassVar[dict[str, Any]] = {
        "sequence": {
            "type": "array",
            "minItems": 2,
            "maxItems": MAX_STEPS,
            "items": STEP_SCHEMA,
        },
        "without": BARRED_SCHEMA,
        "within": WINDOW_SCHEMA,
        "same": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
    }
    LABEL: ClassVar[Words] = Words("did one after another", "依次做过")
    steps: tuple[Step, ...]
    without: Step | None = None
    within: Window | None = None
    same: tuple[tuple[str, Path], ...] = ()

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "InOrder | None":
        place.check_keys(data, cls.SCHEMA)
        steps = _read_steps(place.at(cls.KEY), data[cls.KEY])
        without = Step.read(place.at("without"), data["without"], False) if "without" in data else None
        within = read_window(place.at("within"), data["within"]) if "within" in data else None
        named = {step.event for step in (*(steps or ()), *((without,) if without else ()))}
        alike = _read_same(place.at("same"), data["same"], named) if "same" in data else ()
        if steps is None or alike is None:
            return None
        return cls(steps, without, within, alike)

    def render(self) -> dict[str, Any]:
        parts: dict[str, Any] = {self.KEY: [step.render() for step in self.steps]}
        if self.without is not None:
            parts["without"] = self.without.render()
        if self.within is not None:
            parts["within"] = self.within.render()
        if self.same:
            parts["same"] = {event: path.text for event, path in self.same}
        return parts

    def compile(self) -> Test:
        finds = self._finder()

        def run(facts: Facts) -> Truth:
            found = finds(facts)
            return None if found is None else bool(found)

        return run

    def say(self, denied: bool) -> Clause:
        steps = [step.say() for step in self.steps]
        words = _DID.about(
            steps=Words(_THEN.en.join(s.en for s in steps), _THEN.zh.join(s.zh for s in steps)),
            window=_SILENT if self.within is None else _set_off(self.within.say()),
            without=_SILENT if self.without is None else _WITHOUT.about(event=self.without.say()),
            same=_SILENT if not self.same else _SAME.about(paths=self._say_same()),
        )
        return Clause(_NOT.about(clause=words) if denied else words)

    def explain(self, facts: Facts) -> dict[str, Any]:
        """The value: what `same` was, each time that it happened; empty where it did not."""
        found = self._finder()(facts)
        return self.leaf(facts, None if found is None else [_shown(key) for key in found])

    def needs(self) -> tuple[Need, ...]:
        found = [
            Need(FactKind.EVENTS, step.event, self.within, (), (self.KEY, index, "event"))
            for index, step in enumerate(self.steps)
        ]
        for index, step in enumerate(self.steps):
            found += [need.under(self.KEY, index) for need in step.needs()]
        if self.without is not None:
            found.append(Need(FactKind.EVENTS, self.without.event, self.within, (), ("without", "event")))
            found += [need.under("without") for need in self.without.needs()]
        if self.within is not None and self.within.needs_clock:
            found.append(Need(FactKind.CLOCK, at=("within",)))
        return tuple(found)

    def faults(self, schema: Schema) -> Iterable[Fault]:
        for index, step in enumerate(self.steps):
            yield from prefixed(step.faults(schema), self.KEY, index)
        if self.without is not None:
            yield from prefixed(self.without.faults(schema), "without")
        for event, path in self.same:
            properties = None if schema.events is None else schema.events.get(event)
            if properties is not None and path.text not in properties:
                yield unknown(("same", event), "property", path.text, properties)

    def normal(self) -> "InOrder":
        return replace(self, same=tuple(sorted(self.same, key=lambda pair: pair[0])))

    def _say_same(self) -> Words:
        said = [f"“{path.text}” of “{event}”" for event, path in self.same]
        return Words(" and ".join(said), "与".join(f"“{event}”的“{path.text}”" for event, path in self.same))

    def _finder(self) -> Callable[[Facts], list[Key] | None]:
        """The values of `same` for which the sequence happened (one that stands for all without `same`); None when it
        cannot be told."""
        chooses = [step.choose() for step in self.steps]
        barred = None if self.without is None else self.without.choose()
        paths, longests = dict(self.same), [step.longest for step in self.steps]

        def run(facts: Facts) -> list[Key] | None:
            history = facts.history
            bounds = None if self.within is None else self.within.range(facts.now_ms, facts.zone)
            if history is None or (self.within is not None and bounds is None):
                return None
            times: list[Times] = []
            for step, choose in zip(self.steps, chooses, strict=True):
                chosen = choose(facts, _inside(history.get(step.event, ()), bounds))
                times.append(_times_by_key(paths.get(step.event), chosen))
            between: Times = {}
            if self.without is not None and barred is not None:
                chosen = barred(facts, history.get(self.without.event, ()))
                between = _times_by_key(paths.get(self.without.event), chosen)
            return [
                key
                for key in _shared(times)
                if follows(longests, [_at(each, key) for each in times], sorted(_at(between, key)))
            ]

        return run


def _read_steps(place: Place, data: object) -> tuple[Step, ...] | None:
    if not isinstance(data, list) or not 2 <= len(data) <= MAX_STEPS:
        place.refuse(Reason.NOT_A_LIST, f"expected a list of 2 to {MAX_STEPS} steps")
        return None
    read = [Step.read(place.at(index), each, index > 0) for index, each in enumerate(data)]
    steps = tuple(step for step in read if step is not None)
    return steps if len(steps) == len(read) else None


def _read_same(place: Place, data: object, named: set[str]) -> tuple[tuple[str, Path], ...] | None:
    if not isinstance(data, dict) or not data:
        place.refuse(Reason.NOT_AN_OBJECT, "expected an object: name of an event of the sequence → path")
        return None
    place.check_keys(data, named)
    read = [(event, read_path(place.at(event), path)) for event, path in data.items()]
    pairs = tuple((event, path) for event, path in read if path is not None)
    return pairs if len(pairs) == len(read) else None


def _inside(happenings: Sequence[Happening], bounds: tuple[int, int] | None) -> Sequence[Happening]:
    if bounds is None:
        return happenings
    return [each for each in happenings if bounds[0] <= each.at_ms * 1_000 < bounds[1]]


def _times_by_key(path: Path | None, events: Sequence[Happening]) -> Times:
    """Milliseconds, by the value that `same` looks at; under one key for all where it looks at none."""
    if path is None:
        return {_ANY_KEY: [each.at_ms for each in events]}
    times: Times = {}
    for each in events:
        for key in dict.fromkeys(map(equal_key, path.find(each.properties))):
            if key is not None:
                times.setdefault(key, []).append(each.at_ms)
    return times


def _at(times: Times, key: Key) -> list[int]:
    return times.get(key) or times.get(_ANY_KEY, [])


def _shared(times: Sequence[Times]) -> list[Key]:
    """The values that some event of each step that `same` names has; the one key for all if it names none."""
    keyed = [each for each in times if _ANY_KEY not in each]
    if not keyed:
        return [_ANY_KEY]
    return [key for key in keyed[0] if all(key in each for each in keyed)]


def _shown(key: Key) -> object:
    kind, value = key
    return rfc3339(value) if kind == "instant" and isinstance(value, int) else value


def _set_off(words: Words) -> Words:
    return Words(f", {words.en},", words.zh)


NODE = InOrder
