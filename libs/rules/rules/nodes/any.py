"""`{"any": [rule, …]}`: some part holds."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rules._facts import Facts
from rules._logic import any_true, disjunction
from rules._reading import Place
from rules._rule import ReadChild, Rule, Test, truth_of
from rules._words import Clause, join
from rules.nodes.all import read_parts


@dataclass(frozen=True, slots=True)
class AnyOf(Rule):
    KEY: ClassVar[str] = "any"
    rules: tuple[Rule, ...]

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "AnyOf | None":
        rules = read_parts(cls.KEY, place, data, child)
        return None if rules is None else cls(rules)

    def render(self) -> dict[str, Any]:
        return {self.KEY: [rule.render() for rule in self.rules]}

    def compile(self) -> Test:
        return disjunction(tuple(rule.compile() for rule in self.rules))

    def say(self, denied: bool) -> Clause:
        return join([rule.say(denied) for rule in self.rules], "and" if denied else "or")

    def explain(self, facts: Facts) -> dict[str, Any]:
        parts = [rule.explain(facts) for rule in self.rules]
        return self.verdict(any_true(map(truth_of, parts))) | {"rules": parts}

    def children(self) -> tuple[Rule, ...]:
        return self.rules


NODE = AnyOf
