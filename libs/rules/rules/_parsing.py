"""JSON to `Rule`: picks the node kind, keeps the limits, gathers the problems."""

from collections.abc import Collection
from functools import partial

from rules._needs import FactKind
from rules._predicates import refuse_needs
from rules._reading import MAX_DEPTH, MAX_NODES, Book, Place, Reason, RuleError, guess, listed
from rules._rule import Rule
from rules._schema import Schema, unknown_names
from rules.nodes import NODES


def parse(data: object, *, schema: Schema | None = None, loads: Collection[FactKind] | None = None) -> Rule:
    """The rule, or `RuleError` with every problem found.

    With `schema`, names that the workspace does not have and values that its types cannot equal are problems too.
    With `loads`, the kinds of facts that the caller will be able to give, whatever looks at others is one: a rule
    that could only be answered "unknown" is refused rather than silently false. None: all kinds.
    """
    book = Book()
    rule = _node(schema, loads, Place(book), data)
    if rule is None or book.problems:
        raise RuleError(book.problems)
    return rule


def _node(
    schema: Schema | None, loads: Collection[FactKind] | None, outer: Place, data: object
) -> Rule | None:
    place = outer.child()
    place.book.nodes += 1
    if place.book.nodes > MAX_NODES:
        if place.book.nodes == MAX_NODES + 1:
            place.refuse(
                Reason.TOO_MANY_NODES, f"at most {MAX_NODES} nodes a rule; use lists (in, any_of) or segments"
            )
        return None
    if place.depth > MAX_DEPTH:
        place.refuse(Reason.TOO_DEEP, f"at most {MAX_DEPTH} levels; flatten nested all/any/not")
        return None
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        place.refuse(Reason.NOT_AN_OBJECT, f"expected an object with one of {listed(NODES)}")
        return None
    kind = _kind(place, data)
    if kind is None:
        return None
    rule = NODES[kind].read(place, data, partial(_node, schema, loads))
    if rule is not None and schema is not None:
        for fault in (*unknown_names(rule.needs(), schema), *rule.faults(schema)):
            place.at(*fault.at).refuse(fault.reason, fault.detail)
    if rule is not None and loads is not None:
        refuse_needs(place, rule.needs(), loads)
    return rule


def _kind(place: Place, data: dict[str, object]) -> str | None:
    kinds = [key for key in data if key in NODES]
    if len(kinds) > 1:
        place.refuse(
            Reason.AMBIGUOUS_NODE,
            f'{listed(kinds)} in one node; put each in its own node under "all" or "any"',
        )
    elif not kinds and "property" in data:
        detail = '"property" looks at one event and belongs in a "where" list; here use "trait" or "event"'
        place.refuse(Reason.MISPLACED_NODE, detail)
    elif not kinds:
        for key in data:
            place.at(key).refuse(Reason.UNKNOWN_KEY, f"expected one of {listed(NODES)}{guess(key, NODES)}")
        if not data:
            place.refuse(
                Reason.UNKNOWN_NODE,
                f'expected one of {listed(NODES)}; for all people write {{"everyone": true}}',
            )
    else:
        return kinds[0]
    return None
