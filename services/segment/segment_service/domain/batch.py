"""From a batch of records to the steps of each person it concerns."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from consents import Entry
from people import Membership, Settled
from rules import EventState
from survivorship import Traits

from segment_service.domain.catalogue import Catalogue
from segment_service.domain.facts import joined, once, stamp_of
from segment_service.domain.heard import (
    Cause,
    ConsentFact,
    EventFact,
    EventMoved,
    Fact,
    Heard,
    News,
    TraitsFact,
)
from segment_service.domain.membership import Step


@dataclass(frozen=True, slots=True)
class Concerned:
    """`steps` by person; `uprooted` are people who lost an identity, with the record that said so."""

    steps: dict[UUID, list[Step]]
    uprooted: dict[UUID, Cause]


_NOBODY: frozenset[UUID] = frozenset()


def first_mentions(heard: Iterable[Heard]) -> dict[UUID, tuple[UUID, Heard, EventFact]]:
    """Each event of the batch once: event id → (identity, record, event)."""
    events: dict[UUID, tuple[UUID, Heard, EventFact]] = {}
    for record in heard:
        if isinstance(record.fact, EventFact):
            events.setdefault(record.fact.event_id, (record.identity_id, record, record.fact))
    return events


def plan_names(heard: Iterable[Heard]) -> set[tuple[Literal["event", "trait"], str]]:
    """What the batch's events and traits are called."""
    names: set[tuple[Literal["event", "trait"], str]] = set()
    for record in heard:
        if isinstance(record.fact, EventFact):
            names.add(("event", record.fact.name))
        elif isinstance(record.fact, TraitsFact):
            names.update(("trait", name) for name in record.fact.values)
    return names


def plan_held(heard: Iterable[Heard], catalogue: Catalogue) -> set[UUID]:
    """Identities whose person must not change meanwhile: what is read of them is written back, or asked about by a
    rule. An event that no rule asks about only adds to its identity's counts."""
    held = {
        record.identity_id
        for record in heard
        if isinstance(record.fact, TraitsFact | EventMoved) or catalogue.asks_about(record.fact)
    }
    held |= {record.fact.from_identity_id for record in heard if isinstance(record.fact, EventMoved)}
    return held | ({entry.identity_id for entry in entries(heard)} if catalogue.about_consents else set())


def entries(heard: Iterable[Heard]) -> list[Entry]:
    """Of the ledger of consents."""
    return [e for record in heard if isinstance(record.fact, ConsentFact) for e in record.fact.entries]


def mentioned(heard: Iterable[Heard]) -> list[Membership]:
    """Every membership heard of. Who lost an event is known already, if at all: version -1 changes nothing."""
    lost = [r.fact.from_identity_id for r in heard if isinstance(r.fact, EventMoved)]
    return [
        *(m for record in heard for m in record.memberships),
        *(Membership(i, i, 0, -1) for i in lost),
    ]


def moved_events(heard: Iterable[Heard]) -> list[tuple[EventMoved, UUID, int]]:
    """(event, identity that it is of now, time) of each, the last word on an event alone."""
    last = {
        record.fact.event_id: (record.fact, record.identity_id, record.cause.event_ms)
        for record in heard
        if isinstance(record.fact, EventMoved)
    }
    return list(last.values())


def plan_counts(
    events: Mapping[UUID, tuple[UUID, Heard, EventFact]], new: Collection[UUID]
) -> dict[tuple[UUID, str], EventState]:
    """What to add to the state of (identity, event name); only events never stored before count."""
    counts: dict[tuple[UUID, str], EventState] = {}
    for event_id in new:
        identity_id, record, event = events[event_id]
        key = (identity_id, event.name)
        counts[key] = joined(counts.get(key), once(record.cause.event_ms))
    return counts


def plan_traits(heard: Iterable[Heard], stored: Mapping[UUID, Traits]) -> dict[UUID, Traits]:
    """The new traits of each identity whose traits change; `stored` is left as it is."""
    merged: dict[UUID, Traits] = {}
    changed: set[UUID] = set()
    for record in heard:
        if not isinstance(record.fact, TraitsFact):
            continue
        identity_id = record.identity_id
        if identity_id not in merged:
            old = stored.get(identity_id, Traits())
            merged[identity_id] = old.copy()
        stamp = stamp_of(record.cause, record.fact)
        if merged[identity_id].take(record.fact.values, stamp, record.fact.keep_all):
            changed.add(identity_id)
    return {identity_id: merged[identity_id] for identity_id in changed}


def plan_concerned(
    heard: Sequence[Heard], settled: Settled, new_events: Collection[UUID], catalogue: Catalogue
) -> Concerned:
    """Whom this batch concerns. Nobody, when no rule looks at what it brings and nobody is new or moved."""
    marks: dict[int, set[UUID]] = {}
    uprooted: dict[UUID, Cause] = {}
    carriers = _carriers(heard) if settled.news else {}
    for identity_id in settled.news:
        marks.setdefault(carriers[identity_id], set()).add(settled.today[identity_id].profile_id)
    for move in settled.moved:
        index = carriers[move.identity_id]
        marks.setdefault(index, set()).update((move.from_profile_id, move.to.profile_id))
        uprooted[move.from_profile_id] = heard[index].cause
    for index, record in enumerate(heard):
        if isinstance(record.fact, EventMoved):
            ends = (record.identity_id, record.fact.from_identity_id)
            marks.setdefault(index, set()).update(settled.today[i].profile_id for i in ends)
    steps: dict[UUID, list[Step]] = {}
    uncounted = set(new_events)
    for index, record in enumerate(heard):
        whole = marks.get(index, _NOBODY)
        person = settled.today[record.identity_id].profile_id
        fact = _news(record.fact, uncounted, catalogue)
        if isinstance(fact, ConsentFact):
            parts = _by_person(fact, settled)
            for one in {*parts, *whole}:
                steps.setdefault(one, []).append(Step(record.cause, parts.get(one), one in whole))
            continue
        if fact is not None or person in whole:
            steps.setdefault(person, []).append(Step(record.cause, fact, person in whole))
        for other in whole - {person}:
            steps.setdefault(other, []).append(Step(record.cause, None, True))
    return Concerned(steps, uprooted)


def _carriers(heard: Sequence[Heard]) -> dict[UUID, int]:
    """Which record of the batch brought the newest membership of each identity: the first, if several did."""
    best: dict[UUID, tuple[int, int]] = {}
    for index, record in enumerate(heard):
        for membership in record.memberships:
            known = best.get(membership.identity_id)
            if known is None or membership.version > known[0]:
                best[membership.identity_id] = (membership.version, index)
    return {identity_id: index for identity_id, (_, index) in best.items()}


def _by_person(fact: ConsentFact, settled: Settled) -> dict[UUID, ConsentFact]:
    """What of it is whose. An identity that nobody heard of yet is asked about when it is."""
    found: dict[UUID, list[Entry]] = {}
    for entry in fact.entries:
        if entry.identity_id in settled.today:
            found.setdefault(settled.today[entry.identity_id].profile_id, []).append(entry)
    return {person: ConsentFact(entries) for person, entries in found.items()}


def _news(fact: Fact | None, uncounted: set[UUID], catalogue: Catalogue) -> News | None:
    """The fact if a rule looks at it and it is not a repeat."""
    if isinstance(fact, EventMoved) or not catalogue.asks_about(fact):
        return None
    if isinstance(fact, EventFact):
        if fact.event_id not in uncounted:
            return None
        uncounted.discard(fact.event_id)
    return fact
