"""Predicates over one event's properties: the `where` lists of journeys. A list is a conjunction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rules import _comparison
from rules._comparison import Comparison
from rules._logic import Truth, conjunction
from rules._reading import MAX_NODES, Book, Place, Reason, RuleError
from rules._values import is_clean


@dataclass(frozen=True, slots=True)
class Predicate:
    """`path` is dotted: "shop.city" is the member `city` of the object `shop`."""

    path: str
    comparison: Comparison

    def render(self) -> dict[str, Any]:
        return {"property": self.path, **self.comparison.render()}


def parse_predicates(data: object) -> tuple[Predicate, ...]:
    """The predicates, or `RuleError` with every problem found. An empty list holds for every event."""
    book = Book()
    place = Place(book)
    read: list[Predicate | None] = []
    if not isinstance(data, list):
        place.refuse(Reason.NOT_A_LIST, 'expected a list of {"property", "op", "value"}')
    elif len(data) > MAX_NODES:
        place.refuse(Reason.TOO_MANY_NODES, f"at most {MAX_NODES} predicates")
    else:
        read = [_predicate(place.at(index), each) for index, each in enumerate(data)]
    if book.problems:
        raise RuleError(book.problems)
    return tuple(each for each in read if each is not None)


def compile_predicates(predicates: tuple[Predicate, ...]) -> Callable[[Mapping[str, Any]], bool]:
    """`match` as a test to be kept and asked about many events."""
    test = conjunction(tuple(map(_compile, predicates)))
    return lambda properties: test(properties) is True


def match(predicates: tuple[Predicate, ...], properties: Mapping[str, Any]) -> bool:
    """Do all predicates hold for these properties? Unknown counts as false."""
    return compile_predicates(predicates)(properties)


def _compile(predicate: Predicate) -> Callable[[Mapping[str, Any]], Truth]:
    steps = predicate.path.split(".")
    test, missing = predicate.comparison.compile(), predicate.comparison.operator.missing

    def run(properties: Mapping[str, Any]) -> Truth:
        value = _find(properties, steps)
        return missing if value is None else test(value)

    return run


def _find(properties: object, steps: list[str]) -> object:
    found = properties
    for step in steps:
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found


def _predicate(place: Place, data: object) -> Predicate | None:
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        place.refuse(Reason.NOT_AN_OBJECT, 'expected an object {"property", "op", "value"}')
        return None
    place.check_keys(data, _comparison.KEYS | {"property"})
    path = _path(place, data)
    comparison = Comparison.read(place, data)
    return None if path is None or comparison is None else Predicate(path, comparison)


def _path(place: Place, data: dict[str, object]) -> str | None:
    if "property" not in data:
        place.refuse(Reason.MISSING_KEY, 'expected "property": the dotted path of an event property')
        return None
    path = data["property"]
    if not isinstance(path, str) or not is_clean(path) or not all(path.split(".")):
        place.at("property").refuse(Reason.BAD_VALUE, 'expected a dotted path such as "total" or "shop.city"')
        return None
    if "[]" in path:
        place.at("property").refuse(
            Reason.UNSUPPORTED_NODE, '"[]" (some element) is not supported yet; use any_of'
        )
        return None
    return path
