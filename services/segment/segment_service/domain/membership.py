"""Who enters and who leaves: pure, one person at a time.

A person's records are walked in the order of the batch, and after each one the segments that look at what it changed
are asked again. So a change names the very record that caused it, and inherits that record's time and whether it is
historical, however records were batched.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from people import Membership

from segment_service.domain.catalogue import Catalogue, Compiled
from segment_service.domain.facts import Known, once, stamp_of
from segment_service.domain.heard import Cause, ConsentFact, EventFact, News

Kind = Literal["entered", "left"]
Reason = Literal["rule", "merged"]


@dataclass(frozen=True, slots=True)
class Step:
    """One record, as far as one person is concerned."""

    cause: Cause
    fact: News | None
    """News to count: never a repeat."""
    everything: bool
    """Ask all segments: the person is first seen, or gained or lost an identity."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the history of one segment."""

    segment_id: str
    segment_version: int
    person: Membership
    """The naming identity of the person who entered or left, with who that identity is now."""
    kind: Kind
    reason: Reason
    cause: Cause
    historical: bool


def plan_membership(
    person: Membership, known: Known, steps: Sequence[Step], catalogue: Catalogue, inside: Collection[str]
) -> list[Change]:
    """What happens to the person. `known` is the fold of the stored facts of all today's identities, without the
    news of `steps`; it is used up. `inside` holds the segments that the person is stored in."""
    now = set(inside)
    facts = known.as_facts()
    changes: list[Change] = []

    def ask(segments: Iterable[Compiled], cause: Cause, historical: bool) -> None:
        for segment in segments:
            member = segment.matches(facts)
            if member == (segment.segment_id in now):
                continue
            now.symmetric_difference_update((segment.segment_id,))
            kind: Kind = "entered" if member else "left"
            changes.append(
                Change(segment.segment_id, segment.version, person, kind, "rule", cause, historical)
            )

    if catalogue.building and not any(step.everything for step in steps):
        # Whoever belonged inside before these records is found here instead of by the builder.
        ask(catalogue.building, steps[0].cause, historical=True)
    for step in steps:
        touched = _touched(known, step, catalogue)
        ask(catalogue.segments if step.everything else touched, step.cause, step.cause.historical)
    return changes


def plan_first(
    person: Membership, known: Known, segment: Compiled, cause: Cause, inside: Collection[str]
) -> list[Change]:
    """The builder's question about a person: a first evaluation, hence historical whatever it finds."""
    if segment.matches(known.as_facts()) == (segment.segment_id in inside):
        return []
    kind: Kind = "left" if segment.segment_id in inside else "entered"
    return [Change(segment.segment_id, segment.version, person, kind, "rule", cause, historical=True)]


def plan_departure(
    person: Membership, cause: Cause, catalogue: Catalogue, inside: Collection[str]
) -> list[Change]:
    """`person` is nobody's current profile any more: it leaves whatever it was in."""
    return [
        Change(s, catalogue.versions.get(s, 0), person, "left", "merged", cause, cause.historical)
        for s in sorted(inside)
    ]


def net(changes: Iterable[Change]) -> tuple[dict[tuple[str, UUID], Change], list[tuple[str, UUID]]]:
    """Rows to have and rows to lose, the last word for each (segment, person)."""
    last = {(c.segment_id, c.person.identity_id): c for c in changes}
    return (
        {key: c for key, c in last.items() if c.kind == "entered"},
        [key for key, c in last.items() if c.kind == "left"],
    )


def _touched(known: Known, step: Step, catalogue: Catalogue) -> Iterable[Compiled]:
    """Takes the step's news in; the segments that look at what it changed."""
    if step.fact is None:
        return ()
    if isinstance(step.fact, EventFact):
        if step.fact.name not in catalogue.events:
            return ()
        known.count(step.fact.name, once(step.cause.event_ms))
        return catalogue.about_event(step.fact.name)
    if isinstance(step.fact, ConsentFact):
        known.consents += step.fact.entries
        return catalogue.about_consents
    stamp = stamp_of(step.cause, step.fact)
    return catalogue.about_traits(known.traits.take(step.fact.values, stamp, step.fact.keep_all))
