"""The segments of a workspace, compiled, with an index of which facts each one looks at."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from rules import FactKind, Facts, Rule, compile_rule, events_of, kinds_of, traits_of

from segment_service.domain.heard import ConsentFact, EventFact, EventMoved, Fact


class Wanted(NamedTuple):
    """What has to be loaded of a person for rules to be answered."""

    events: frozenset[str]
    traits: frozenset[str]
    consents: bool

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> "Wanted":
        listed = list(rules)
        return cls(
            frozenset().union(*map(events_of, listed)),
            frozenset().union(*map(traits_of, listed)),
            any(FactKind.CONSENTS in kinds_of(rule) for rule in listed),
        )


@dataclass(frozen=True, slots=True)
class Compiled:
    segment_id: str
    version: int
    building: bool
    """Its members are still being found: somebody outside may belong inside since long ago."""
    matches: Callable[[Facts], bool]
    wanted: Wanted

    @classmethod
    def of(cls, segment_id: str, version: int, building: bool, rule: Rule) -> "Compiled":
        return cls(segment_id, version, building, compile_rule(rule), Wanted.of([rule]))


class Catalogue:
    """Immutable once made."""

    def __init__(self, segments: Iterable[Compiled] = ()) -> None:
        self.segments = tuple(segments)
        self.building = tuple(s for s in self.segments if s.building)
        self.versions = {s.segment_id: s.version for s in self.segments}
        self._by_event = _index((name, s) for s in self.segments for name in s.wanted.events)
        self._by_trait = _index((name, s) for s in self.segments for name in s.wanted.traits)
        self.events = frozenset(self._by_event)
        self.traits = frozenset(self._by_trait)
        self.about_consents = tuple(s for s in self.segments if s.wanted.consents)

    def asks_about(self, fact: Fact | None) -> bool:
        """Can the fact change anybody's membership? That an event moved concerns two people, whole."""
        if fact is None or isinstance(fact, EventMoved):
            return False
        if isinstance(fact, EventFact):
            return fact.name in self.events
        if isinstance(fact, ConsentFact):
            return bool(self.about_consents)
        return not self.traits.isdisjoint(fact.values)

    def about_event(self, name: str) -> Iterable[Compiled]:
        return self._by_event.get(name, ())

    def about_traits(self, names: Iterable[str]) -> Iterable[Compiled]:
        return {s.segment_id: s for name in names for s in self._by_trait.get(name, ())}.values()


def _index(pairs: Iterable[tuple[str, Compiled]]) -> dict[str, list[Compiled]]:
    index: dict[str, list[Compiled]] = {}
    for name, segment in pairs:
        index.setdefault(name, []).append(segment)
    return index
