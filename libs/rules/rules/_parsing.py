"""JSON to `Rule`: picks the node kind, keeps the limits, gathers the problems."""

from rules._reading import MAX_DEPTH, MAX_NODES, Book, Place, Reason, RuleError, guess, listed
from rules._rule import Rule
from rules.nodes import NODES, NODES_LATER


def parse(data: object) -> Rule:
    """The rule, or `RuleError` with every problem found."""
    book = Book()
    rule = _node(Place(book), data)
    if rule is None or book.problems:
        raise RuleError(book.problems)
    return rule


def _node(outer: Place, data: object) -> Rule | None:
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
    return None if kind is None else NODES[kind].read(place, data, _node)


def _kind(place: Place, data: dict[str, object]) -> str | None:
    kinds = [key for key in data if key in NODES or key in NODES_LATER]
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
    elif kinds[0] not in NODES:
        place.refuse(
            Reason.UNSUPPORTED_NODE, f'"{kinds[0]}" is not supported yet; expected one of {listed(NODES)}'
        )
    else:
        return kinds[0]
    return None
