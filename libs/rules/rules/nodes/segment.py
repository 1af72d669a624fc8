"""`{"segment": id}`: the person is inside another segment. That segments do not lead in a circle is for who keeps them to
see to."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rules._facts import Facts
from rules._needs import FactKind, Need
from rules._reading import Place, read_name
from rules._rule import ReadChild, Rule, Test
from rules._words import Clause, Words, name

_INSIDE = Words("in the segment {segment}", "在人群{segment}中")
_OUTSIDE = Words("not in the segment {segment}", "不在人群{segment}中")


@dataclass(frozen=True, slots=True)
class Segment(Rule):
    KEY: ClassVar[str] = "segment"
    SCHEMA: ClassVar[dict[str, Any]] = {"segment": {"type": "string", "minLength": 1}}
    LABEL: ClassVar[Words] = Words("in a segment", "在人群中")
    id: str

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Segment | None":
        place.check_keys(data, cls.SCHEMA)
        found = read_name(place.at(cls.KEY), data[cls.KEY], 'the id of a segment, such as "seg_…"')
        return None if found is None else cls(found)

    def render(self) -> dict[str, Any]:
        return {self.KEY: self.id}

    def compile(self) -> Test:
        return lambda facts: None if facts.segments is None else self.id in facts.segments

    def say(self, denied: bool) -> Clause:
        return Clause((_OUTSIDE if denied else _INSIDE).about(segment=name(self.id)))

    def explain(self, facts: Facts) -> dict[str, Any]:
        return self.leaf(facts, self.compile()(facts))

    def needs(self) -> tuple[Need, ...]:
        return (Need(FactKind.SEGMENTS, self.id, named_at=(self.KEY,)),)


NODE = Segment
