"""Predicates over one event's properties: the `where` lists of events and of journeys. A list is a conjunction."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from rules._comparison import KEYS
from rules._facts import NOBODY
from rules._needs import FactKind, Need
from rules._predicate import Predicate
from rules._reading import MAX_DEPTH, MAX_NODES, Book, Place, Reason, RuleError, listed
from rules._where import Where, read_where
from rules.predicates import PREDICATES


def parse_predicates(data: object) -> tuple[Predicate, ...]:
    """The predicates, or `RuleError` with every problem found. An empty list holds for every event.

    Only an event is at hand where these are asked: what looks at the person or the clock is refused.
    """
    book = Book()
    place = Place(book)
    where = Where(()) if data == [] else read_where(place, data, read_predicate)
    for index, predicate in enumerate(() if where is None else where.predicates):
        refuse_needs(place.at(index), predicate.needs(), frozenset())
    if where is None or book.problems:
        raise RuleError(book.problems)
    return where.predicates


def compile_predicates(predicates: tuple[Predicate, ...]) -> Callable[[Mapping[str, Any]], bool]:
    """`match` as a test to be kept and asked about many events."""
    test = Where(predicates).bind()(NOBODY)
    return lambda properties: test(properties) is True


def match(predicates: tuple[Predicate, ...], properties: Mapping[str, Any]) -> bool:
    """Do all predicates hold for these properties? Unknown counts as false."""
    return compile_predicates(predicates)(properties)


def read_predicate(outer: Place, data: object) -> Predicate | None:
    """One predicate, or None after refusing. It counts as a node of the rule."""
    place = outer.child()
    place.book.nodes += 1
    if place.book.nodes > MAX_NODES:
        if place.book.nodes == MAX_NODES + 1:
            place.refuse(Reason.TOO_MANY_NODES, f"at most {MAX_NODES} nodes and predicates a rule")
        return None
    if place.depth > MAX_DEPTH:
        place.refuse(Reason.TOO_DEEP, f"at most {MAX_DEPTH} levels; flatten nested all/any/not")
        return None
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        place.refuse(Reason.NOT_AN_OBJECT, 'expected an object {"property", "op", "value"}')
        return None
    kinds = [key for key in data if key in PREDICATES]
    if len(kinds) > 1:
        place.refuse(Reason.AMBIGUOUS_NODE, f"{listed(kinds)} in one predicate; expected one of them")
        return None
    if not kinds:
        place.check_keys(data, {*PREDICATES, *KEYS})
        place.refuse(Reason.MISSING_KEY, 'expected "property": the dotted path of a property')
        return None
    return PREDICATES[kinds[0]].read(place, data, read_predicate)


def refuse_needs(place: Place, needs: tuple[Need, ...], loads: Collection[FactKind]) -> None:
    """Refuse whatever looks at facts beyond those that will be loaded, each place once."""
    refused: set[tuple[str | int, ...]] = set()
    for need in needs:
        if need.kind in loads or need.at in refused:
            continue
        refused.add(need.at)
        reason = Reason.UNSUPPORTED_OPERATOR if need.at[-1:] == ("op",) else Reason.UNSUPPORTED_NODE
        place.at(*need.at).refuse(
            reason,
            f'it looks at "{need.kind}", which cannot be asked here; what can: {listed(sorted(loads)) or "nothing else"}',
        )
