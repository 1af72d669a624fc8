"""Rules asked about people now, stored or not."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.database import Tx
from rules import Rule, compile_rule, explain

from segment_service.domain.catalogue import Wanted
from segment_service.domain.facts import Known
from segment_service.queries.people_known import known_people
from segment_service.store import memberships, segments


async def evaluate_rules(tx: Tx, profile_ids: Sequence[UUID], rules: Sequence[Rule]) -> list[list[bool]]:
    """Per rule, per person, in the order asked; false for people nothing is known of."""
    found = await known_people(tx, profile_ids, Wanted.of(rules))
    facts = [None if f is None else f[1].as_facts() for f in found]
    tests = [compile_rule(rule) for rule in rules]
    return [[f is not None and test(f) for f in facts] for test in tests]


async def explain_membership(tx: Tx, segment_id: str, profile_id: UUID) -> tuple[bool, dict[str, Any]]:
    """Is the person stored as a member, and the rule's tree with what is known now."""
    rule = (await segments.get(tx, segment_id)).parsed
    (found,) = await known_people(tx, [profile_id], Wanted.of([rule]))
    person, known = found or (profile_id, Known())
    inside = await memberships.load_inside(tx, [person])
    return segment_id in inside.get(person, ()), explain(rule, known.as_facts())
