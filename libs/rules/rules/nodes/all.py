"""`{"all": [rule, …]}`: every part holds."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rules._facts import Facts
from rules._logic import all_true, conjunction
from rules._reading import Place, Reason
from rules._rule import ReadChild, Rule, Test, truth_of
from rules._words import Clause, join


def read_parts(key: str, place: Place, data: dict[str, object], child: ReadChild) -> tuple[Rule, ...] | None:
    """The parts of an `all` or `any` node."""
    place.check_keys(data, {key})
    parts = data[key]
    if not isinstance(parts, list):
        place.at(key).refuse(Reason.NOT_A_LIST, "expected a list of rules")
        return None
    if not parts:
        detail = 'expected at least one rule; for all people write {"everyone": true}'
        place.at(key).refuse(Reason.EMPTY_LIST, detail)
        return None
    read = [child(place.at(key, index), part) for index, part in enumerate(parts)]
    rules = tuple(rule for rule in read if rule is not None)
    return rules if len(rules) == len(parts) else None


@dataclass(frozen=True, slots=True)
class AllOf(Rule):
    KEY: ClassVar[str] = "all"
    rules: tuple[Rule, ...]

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "AllOf | None":
        rules = read_parts(cls.KEY, place, data, child)
        return None if rules is None else cls(rules)

    def render(self) -> dict[str, Any]:
        return {self.KEY: [rule.render() for rule in self.rules]}

    def compile(self) -> Test:
        return conjunction(tuple(rule.compile() for rule in self.rules))

    def say(self, denied: bool) -> Clause:
        return join([rule.say(denied) for rule in self.rules], "or" if denied else "and")

    def explain(self, facts: Facts) -> dict[str, Any]:
        parts = [rule.explain(facts) for rule in self.rules]
        return self.verdict(all_true(map(truth_of, parts))) | {"rules": parts}

    def children(self) -> tuple[Rule, ...]:
        return self.rules


NODE = AllOf
