"""`{"not": rule}`: true and false change places, unknown stays. Said by denying the leaves, as De Morgan allows."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rules._facts import Facts
from rules._logic import Truth, negate
from rules._reading import Place
from rules._rule import ReadChild, Rule, Test, truth_of
from rules._words import Clause, Words


@dataclass(frozen=True, slots=True)
class Not(Rule):
    KEY: ClassVar[str] = "not"
    SCHEMA: ClassVar[dict[str, Any]] = {"not": {"type": "object"}}
    LABEL: ClassVar[Words] = Words("not", "不满足")
    rule: Rule

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Not | None":
        place.check_keys(data, {cls.KEY})
        rule = child(place.at(cls.KEY), data[cls.KEY])
        return None if rule is None else cls(rule)

    def render(self) -> dict[str, Any]:
        return {self.KEY: self.rule.render()}

    def compile(self) -> Test:
        test = self.rule.compile()

        def run(facts: Facts) -> Truth:
            truth = test(facts)
            return None if truth is None else not truth

        return run

    def say(self, denied: bool) -> Clause:
        return self.rule.say(not denied)

    def explain(self, facts: Facts) -> dict[str, Any]:
        part = self.rule.explain(facts)
        return self.verdict(negate(truth_of(part))) | {"rules": [part]}

    def children(self) -> tuple[Rule, ...]:
        return (self.rule,)

    def normal(self) -> Rule:
        inner = self.rule.normal()
        if isinstance(inner, Not):
            return inner.rule
        denial = inner.denial()
        return Not(inner) if denial is None else denial


NODE = Not
