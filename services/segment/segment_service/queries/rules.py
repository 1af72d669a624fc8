"""Rules asked about people now, stored or not."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.database import Tx
from rules import Rule, compile_rule, events_of, explain, traits_of

from segment_service.domain.facts import Known
from segment_service.queries.people_known import known_people
from segment_service.store import memberships, segments


async def evaluate_rules(tx: Tx, profile_ids: Sequence[UUID], rules: Sequence[Rule]) -> list[list[bool]]:
    """Per rule, per person, in the order asked; false for people nothing is known of."""
    events: frozenset[str] = frozenset().union(*map(events_of, rules))
    traits: frozenset[str] = frozenset().union(*map(traits_of, rules))
    found = await known_people(tx, profile_ids, events, traits)
    facts = [None if f is None else f[1].as_facts() for f in found]
    tests = [compile_rule(rule) for rule in rules]
    return [[f is not None and test(f) for f in facts] for test in tests]


async def explain_membership(tx: Tx, segment_id: str, profile_id: UUID) -> tuple[bool, dict[str, Any]]:
    """Is the person stored as a member, and the rule's tree with what is known now."""
    rule = (await segments.get(tx, segment_id)).parsed
    (found,) = await known_people(tx, [profile_id], events_of(rule), traits_of(rule))
    person, known = found or (profile_id, Known())
    inside = await memberships.load_inside(tx, [person])
    return segment_id in inside.get(person, ()), explain(rule, known.as_facts())
