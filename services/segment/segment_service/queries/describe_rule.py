"""What a rule means, what it costs, and what about it would select nobody today."""

from chassis.database import Tx
from rules import LOADED, Rule, RuleError, RuleProblem, Schema, Type, events_of, parse, traits_of

from segment_service.store import known_names
from segment_service.store.known_names import Kind

CANDIDATES = 2_000
"""Known names among which the nearest to an unknown one is looked for."""
_MOST_GUESSES = 20
"""A rule with more unknown names is told that they are, without guesses: each is a look at every candidate."""
_MOST_WARNINGS = 50


async def warnings(tx: Tx, rule: Rule, written: object) -> list[RuleProblem]:
    """`written`: the rule's JSON, which the pointers lead through. Names never heard in the workspace, and what segments do not load; both may change, so neither is an error."""
    events = await _names(tx, "event", events_of(rule))
    traits = await _names(tx, "trait", traits_of(rule))
    schema = Schema(traits=dict.fromkeys(traits, Type.ANY), events=dict.fromkeys(events))
    try:
        parse(written, schema=schema, loads=LOADED)
    except RuleError as error:
        return error.errors[:_MOST_WARNINGS]
    return []


async def _names(tx: Tx, kind: Kind, asked: frozenset[str]) -> set[str]:
    if not asked:
        return set()
    known = await known_names.among(tx, kind, asked)
    if 0 < len(asked - known) <= _MOST_GUESSES:
        known.update(await known_names.page(tx, kind, "", "", CANDIDATES))
    return known
