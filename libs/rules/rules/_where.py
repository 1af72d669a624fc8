"""A list of predicates that must all hold, and how it is read."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from rules._facts import Facts
from rules._logic import Truth, any_true, conjunction
from rules._needs import Need
from rules._operator import Bind, ValueTest
from rules._predicate import Predicate, ReadPredicate
from rules._reading import MAX_NODES, Place, Reason
from rules._schema import Fault, Properties, prefixed
from rules._words import Clause, join


@dataclass(frozen=True, slots=True)
class Where:
    predicates: tuple[Predicate, ...]

    def render(self) -> list[dict[str, Any]]:
        return [each.render() for each in self.predicates]

    def bind(self, joined: "Callable[[tuple[ValueTest, ...]], ValueTest]" = conjunction) -> Bind:
        binds = [each.bind() for each in self.predicates]
        return lambda facts: joined(tuple(bind(facts) for bind in binds))

    def bind_some(self) -> Bind:
        """Of an object; of a list, whether it holds for some element."""
        bind = self.bind()

        def run(facts: Facts) -> ValueTest:
            test = bind(facts)

            def some(data: object) -> Truth:
                return any_true(map(test, data)) if isinstance(data, list | tuple) else test(data)

            return some

        return run

    def say(self, joint: Literal["and", "or"] = "and", denied: bool = False) -> Clause:
        """With `denied`, the opposite, as De Morgan allows."""
        shown: Literal["and", "or"] = joint if not denied else "or" if joint == "and" else "and"
        return join([each.say(denied) for each in self.predicates], shown)

    def needs(self, key: str = "where") -> tuple[Need, ...]:
        return tuple(
            need.under(key, index) for index, each in enumerate(self.predicates) for need in each.needs()
        )

    def faults(self, properties: Properties, owner: str, key: str = "where") -> Iterable[Fault]:
        for index, each in enumerate(self.predicates):
            yield from prefixed(each.faults(properties, owner), key, index)


def read_where(place: Place, data: object, child: ReadPredicate) -> Where | None:
    """The predicates, or None after refusing; there is at least one."""
    if not isinstance(data, list):
        place.refuse(Reason.NOT_A_LIST, 'expected a list of {"property", "op", "value"}')
        return None
    if not data:
        place.refuse(Reason.EMPTY_LIST, "expected at least one predicate; to ask nothing leave it out")
        return None
    if len(data) > MAX_NODES:
        place.refuse(Reason.TOO_MANY_NODES, f"at most {MAX_NODES} predicates")
        return None
    read = [child(place.at(index), each) for index, each in enumerate(data)]
    predicates = tuple(each for each in read if each is not None)
    return Where(predicates) if len(predicates) == len(read) else None
