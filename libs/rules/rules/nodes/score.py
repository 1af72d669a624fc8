"""`{"score": name, "op": …, "value": …}`: a score of the person, a number; without one the comparison is unknown."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rules import _comparison
from rules._comparison import Comparison
from rules._facts import Facts
from rules._logic import Truth
from rules._needs import FactKind, Need
from rules._reading import Place, read_name
from rules._rule import ReadChild, Rule, Test
from rules._types import Type
from rules._words import Clause, Words, name

_WHOSE = Words("whose score {name} {phrase}", "评分{name}{phrase}")


@dataclass(frozen=True, slots=True)
class Score(Rule):
    KEY: ClassVar[str] = "score"
    SCHEMA: ClassVar[dict[str, Any]] = {"score": {"type": "string", "minLength": 1}, **_comparison.SCHEMA}
    LABEL: ClassVar[Words] = Words("score", "评分")
    name: str
    comparison: Comparison

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Score | None":
        place.check_keys(data, cls.SCHEMA)
        score = read_name(place.at(cls.KEY), data[cls.KEY], 'the name of a score, such as "lead.engagement"')
        comparison = Comparison.read(place, data)
        if comparison is None:
            return None
        for fault in comparison.faults(Type.NUMBER, "a score"):
            place.at(*fault.at).refuse(fault.reason, fault.detail)
        return None if score is None else cls(score, comparison)

    def render(self) -> dict[str, Any]:
        return {self.KEY: self.name, **self.comparison.render()}

    def compile(self) -> Test:
        key, bind, missing = self.name, self.comparison.bind(), self.comparison.operator.missing

        def run(facts: Facts) -> Truth:
            if facts.scores is None:
                return None
            value = facts.scores.get(key)
            return missing if value is None else bind(facts)(value)

        return run

    def say(self, denied: bool) -> Clause:
        return Clause(_WHOSE.about(name=name(self.name), phrase=self.comparison.say(denied)))

    def explain(self, facts: Facts) -> dict[str, Any]:
        return self.leaf(facts, None if facts.scores is None else facts.scores.get(self.name))

    def needs(self) -> tuple[Need, ...]:
        return Need(FactKind.SCORES, self.name, named_at=(self.KEY,)), *self.comparison.needs()

    def normal(self) -> "Score":
        return Score(self.name, self.comparison.normal())

    def denial(self) -> "Score | None":
        opposite = self.comparison.opposite()
        return None if opposite is None else Score(self.name, opposite)


NODE = Score
