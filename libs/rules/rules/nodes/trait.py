"""`{"trait": name, "op": …, "value": …}`: a trait of the person, by its exact name."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rules import _comparison
from rules._comparison import Comparison
from rules._facts import Facts
from rules._logic import Truth
from rules._reading import Place, Reason
from rules._rule import ReadChild, Rule, Test
from rules._values import is_clean
from rules._words import Clause, Words, name

_WHOSE = Words("whose {name} {phrase}", "{name}{phrase}")


@dataclass(frozen=True, slots=True)
class Trait(Rule):
    KEY: ClassVar[str] = "trait"
    name: str
    comparison: Comparison

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Trait | None":
        place.check_keys(data, _comparison.KEYS | {cls.KEY})
        trait = data[cls.KEY]
        comparison = Comparison.read(place, data)
        if not isinstance(trait, str) or not trait or not is_clean(trait):
            place.at(cls.KEY).refuse(Reason.BAD_VALUE, 'expected the name of a trait, such as "city"')
            return None
        return None if comparison is None else cls(trait, comparison)

    def render(self) -> dict[str, Any]:
        return {self.KEY: self.name, **self.comparison.render()}

    def compile(self) -> Test:
        key, test, missing = self.name, self.comparison.compile(), self.comparison.operator.missing

        def run(facts: Facts) -> Truth:
            value = facts.traits.get(key)
            return missing if value is None else test(value)

        return run

    def say(self, denied: bool) -> Clause:
        return Clause(_WHOSE.about(name=name(self.name), phrase=self.comparison.say(denied)))

    def explain(self, facts: Facts) -> dict[str, Any]:
        value = facts.traits.get(self.name)
        return self.leaf(facts) | {"value": value, "missing": value is None}

    def traits(self) -> frozenset[str]:
        return frozenset({self.name})


NODE = Trait
