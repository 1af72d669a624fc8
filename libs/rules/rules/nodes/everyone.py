"""`{"everyone": true}`: holds for every person."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rules._facts import Facts
from rules._reading import Place, Reason
from rules._rule import ReadChild, Rule, Test
from rules._words import Clause, Words

_ANYONE = Words("of any kind", "不限条件")
_NO_ONE = Words("who do not exist", "不存在")


@dataclass(frozen=True, slots=True)
class Everyone(Rule):
    KEY: ClassVar[str] = "everyone"
    SCHEMA: ClassVar[dict[str, Any]] = {"everyone": {"const": True}}
    LABEL: ClassVar[Words] = Words("everyone", "所有人")

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Everyone | None":
        place.check_keys(data, {cls.KEY})
        if data[cls.KEY] is not True:
            place.at(cls.KEY).refuse(
                Reason.BAD_VALUE, 'expected true; for nobody write {"not": {"everyone": true}}'
            )
            return None
        return cls()

    def render(self) -> dict[str, Any]:
        return {self.KEY: True}

    def compile(self) -> Test:
        return lambda facts: True

    def say(self, denied: bool) -> Clause:
        return Clause(_NO_ONE if denied else _ANYONE)

    def explain(self, facts: Facts) -> dict[str, Any]:
        return self.leaf(facts, True)


NODE = Everyone
