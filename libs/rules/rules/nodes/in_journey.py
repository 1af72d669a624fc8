"""`{"in_journey": id}`: a run of the journey is active for the person."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rules._facts import Facts
from rules._needs import FactKind, Need
from rules._reading import Place, read_name
from rules._rule import ReadChild, Rule, Test
from rules._words import Clause, Words, name

_INSIDE = Words("in the journey {journey} now", "正在旅程{journey}中")
_OUTSIDE = Words("not in the journey {journey} now", "现在不在旅程{journey}中")


@dataclass(frozen=True, slots=True)
class InJourney(Rule):
    KEY: ClassVar[str] = "in_journey"
    SCHEMA: ClassVar[dict[str, Any]] = {"in_journey": {"type": "string", "minLength": 1}}
    LABEL: ClassVar[Words] = Words("in a journey", "在旅程中")
    id: str

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "InJourney | None":
        place.check_keys(data, cls.SCHEMA)
        found = read_name(place.at(cls.KEY), data[cls.KEY], 'the id of a journey, such as "jrn_…"')
        return None if found is None else cls(found)

    def render(self) -> dict[str, Any]:
        return {self.KEY: self.id}

    def compile(self) -> Test:
        return lambda facts: None if facts.journeys is None else self.id in facts.journeys

    def say(self, denied: bool) -> Clause:
        return Clause((_OUTSIDE if denied else _INSIDE).about(journey=name(self.id)))

    def explain(self, facts: Facts) -> dict[str, Any]:
        return self.leaf(facts, self.compile()(facts))

    def needs(self) -> tuple[Need, ...]:
        return (Need(FactKind.JOURNEYS, self.id, named_at=(self.KEY,)),)


NODE = InJourney
