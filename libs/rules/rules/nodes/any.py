"""`{"any": [rule, …]}`: some part holds."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rules._facts import Facts
from rules._logic import any_true, disjunction
from rules._reading import Place
from rules._rule import ReadChild, Rule, Test, truth_of
from rules._words import Clause, Words, join
from rules.nodes._parts import EVERYBODY, NOBODY, PARTS, read_parts, simplest


@dataclass(frozen=True, slots=True)
class AnyOf(Rule):
    KEY: ClassVar[str] = "any"
    SCHEMA: ClassVar[dict[str, Any]] = {"any": PARTS}
    LABEL: ClassVar[Words] = Words("any of", "满足任一")
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

    def normal(self) -> Rule:
        return simplest(self.rules, AnyOf, AnyOf, neutral=NOBODY, final=EVERYBODY)


NODE = AnyOf
