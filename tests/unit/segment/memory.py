"""The batch use case with dictionaries for tables: the planners in the order in which keep_current calls them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from consents import Entry
from people import Membership, Settled, newest, plan_changes
from rules import EventState, evaluate, parse
from segment_service.domain import batch
from segment_service.domain.catalogue import Catalogue, Compiled
from segment_service.domain.facts import Known, fold, joined, once
from segment_service.domain.heard import ConsentFact, EventFact, Heard, TraitsFact
from segment_service.domain.membership import Change, net, plan_departure, plan_membership
from survivorship import Traits

from .history import RULES

CATALOGUE = Catalogue(
    Compiled.of(f"seg_{n}", 1, building=n % 2 == 0, rule=parse(rule)) for n, rule in enumerate(RULES)
)


@dataclass
class Memory:
    people: dict[UUID, Membership] = field(default_factory=dict)
    events: set[UUID] = field(default_factory=set)
    states: dict[tuple[UUID, str], EventState] = field(default_factory=dict)
    traits: dict[UUID, Traits] = field(default_factory=dict)
    consents: dict[UUID, list[Entry]] = field(default_factory=dict)
    members: set[tuple[str, UUID]] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)

    def take(self, heard: Sequence[Heard]) -> None:
        changes = newest(m for record in heard for m in record.memberships)
        fresh, moved = plan_changes(self.people, changes)
        for m in fresh.values():
            self.people.setdefault(m.profile_id, Membership(m.profile_id, m.profile_id, m.profile_no, -1))
        self.people |= fresh
        said = batch.entries(heard)
        of = {entry.identity_id for entry in said} & self.people.keys()
        settled = Settled({i: self.people[i] for i in changes.keys() | of}, moved, frozenset(fresh))
        events = batch.first_mentions(heard)
        new = set(events) - self.events
        self.events |= new
        concerned = batch.plan_concerned(heard, settled, new, CATALOGUE)
        planned = self._plan(concerned)
        for key, state in batch.plan_counts(events, new).items():
            self.states[key] = joined(self.states.get(key), state)
        self.traits |= batch.plan_traits(heard, self.traits)
        for entry in said:
            self.consents.setdefault(entry.identity_id, []).append(entry)
        entered, left = net(planned)
        self.members = (self.members - set(left)) | set(entered)
        self.changes += planned

    def _plan(self, concerned: batch.Concerned) -> list[Change]:
        planned: list[Change] = []
        for person, steps in concerned.steps.items():
            own = [m for m in self.people.values() if m.profile_id == person]
            inside = {s for s, p in self.members if p == person}
            if own:
                known = fold(self._known(m.identity_id) for m in own)
                planned += plan_membership(self.people[person], known, steps, CATALOGUE, inside)
            elif person in concerned.uprooted:
                planned += plan_departure(self.people[person], concerned.uprooted[person], CATALOGUE, inside)
        return planned

    def _known(self, identity_id: UUID) -> Known:
        states = {name: s for (i, name), s in self.states.items() if i == identity_id}
        traits = self.traits.get(identity_id, Traits())
        return Known(states, traits.copy(), list(self.consents.get(identity_id, ())))


def reference(heard: Sequence[Heard]) -> set[tuple[str, UUID]]:
    """Members recomputed from the set of all records, with nothing incremental about it."""
    today = newest(m for record in heard for m in record.memberships)
    person_of = {i: m.profile_id for i, m in today.items()} | {
        m.profile_id: m.profile_id for m in today.values() if m.profile_id not in today
    }
    events: dict[UUID, dict[UUID, tuple[str, int]]] = {p: {} for p in person_of.values()}
    values: dict[UUID, dict[str, tuple[tuple[int, int, str], object]]] = {p: {} for p in person_of.values()}
    entries: dict[UUID, list[Entry]] = {}
    for record in heard:
        person, cause = person_of[record.identity_id], record.cause
        if isinstance(record.fact, EventFact):
            events[person][record.fact.event_id] = (record.fact.name, cause.event_ms)
        elif isinstance(record.fact, ConsentFact):
            for said in record.fact.entries:
                entries.setdefault(person_of[said.identity_id], []).append(said)
        elif isinstance(record.fact, TraitsFact):
            for name, value in record.fact.values.items():
                entry = ((record.fact.rank, cause.event_ms, cause.record_id), value)
                values[person][name] = max(values[person].get(name, entry), entry, key=lambda e: e[0])
    found: set[tuple[str, UUID]] = set()
    for person in set(person_of.values()):
        known = Known()
        for name, ms in events[person].values():
            known.count(name, once(ms))
        known.traits.values = {n: v for n, (_, v) in values[person].items() if v is not None}
        known.consents = entries.get(person, [])
        for n, rule in enumerate(RULES):
            if evaluate(parse(rule), known.as_facts()):
                found.add((f"seg_{n}", person))
    return found
