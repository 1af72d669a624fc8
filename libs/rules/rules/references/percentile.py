"""`{"percentile": {"of": name, "rank": 90}}`: a published threshold, below which 90 of 100 people lie.

It is published with a version by who computes the distribution, so that a rule's answer for one person does not move
with everybody else's data.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from rules._facts import Facts
from rules._needs import FactKind, Need
from rules._reading import Place, Reason, read_name
from rules._reference import Reference
from rules._words import Words, name, same

_RANK = Words("the {rank}th percentile of {name}", "{name}的第 {rank} 百分位")
_EXPECTED = 'expected {"of": the name of a published threshold, "rank": a whole number from 1 to 99}'


@dataclass(frozen=True, slots=True)
class Percentile(Reference):
    KEY: ClassVar[str] = "percentile"
    SCHEMA: ClassVar[dict[str, Any]] = {
        "type": "object",
        "required": ["of", "rank"],
        "additionalProperties": False,
        "properties": {
            "of": {"type": "string", "minLength": 1},
            "rank": {"type": "integer", "minimum": 1, "maximum": 99},
        },
    }
    LABEL: ClassVar[Words] = Words("a percentile", "百分位数")
    of: str
    rank: int

    @classmethod
    def read(cls, place: Place, data: object) -> "Percentile | None":
        if not isinstance(data, dict) or set(data) != {"of", "rank"}:
            place.refuse(Reason.BAD_VALUE, _EXPECTED)
            return None
        of, rank = read_name(place.at("of"), data["of"], "the name of a published threshold"), data["rank"]
        if not isinstance(rank, int) or isinstance(rank, bool) or not 1 <= rank <= 99:
            place.at("rank").refuse(Reason.BAD_VALUE, "expected a whole number from 1 to 99")
            return None
        return None if of is None else cls(of, rank)

    def render(self) -> dict[str, Any]:
        return {"of": self.of, "rank": self.rank}

    def resolve(self, facts: Facts) -> object:
        return (facts.thresholds or {}).get(self.of, {}).get(self.rank)

    def say(self) -> Words:
        return _RANK.about(rank=same(str(self.rank)), name=name(self.of))

    def needs(self) -> tuple[Need, ...]:
        return (Need(FactKind.THRESHOLDS, self.of, named_at=(self.KEY, "of")),)


REFERENCES = (Percentile,)
