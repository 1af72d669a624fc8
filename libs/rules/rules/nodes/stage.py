"""`{"stage": model, "in": […]}`: the stage of a layering model (AIPL, AARRR …) that the person has reached, one of these.
Unknown for who has none."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from rules._facts import Facts
from rules._logic import Truth
from rules._needs import FactKind, Need
from rules._reading import Place, Reason, read_name, read_names
from rules._rule import ReadChild, Rule, Test
from rules._schema import Fault, Schema, unknown
from rules._words import Clause, Words, listing, name

_AT = Words("at the stage {stages} of {model}", "处于{model}的{stages}阶段")
_ELSEWHERE = Words("at another stage of {model} than {stages}", "处于{model}的{stages}以外的阶段")


@dataclass(frozen=True, slots=True)
class Stage(Rule):
    KEY: ClassVar[str] = "stage"
    SCHEMA: ClassVar[dict[str, Any]] = {
        "stage": {"type": "string", "minLength": 1},
        "in": {"type": "array", "minItems": 1, "items": {"type": "string"}},
    }
    LABEL: ClassVar[Words] = Words("stage", "分层阶段")
    model: str
    stages: tuple[str, ...]

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Stage | None":
        place.check_keys(data, cls.SCHEMA)
        model = read_name(place.at(cls.KEY), data[cls.KEY], 'the name of a layering model, such as "aipl"')
        if "in" not in data:
            place.refuse(Reason.MISSING_KEY, 'expected "in": a list of stages')
            return None
        stages = read_names(place.at("in"), data["in"], "stages")
        return None if model is None or stages is None else cls(model, stages)

    def render(self) -> dict[str, Any]:
        return {self.KEY: self.model, "in": list(self.stages)}

    def compile(self) -> Test:
        def run(facts: Facts) -> Truth:
            stage = self._stage(facts)
            return None if stage is None else stage in self.stages

        return run

    def say(self, denied: bool) -> Clause:
        form = _ELSEWHERE if denied else _AT
        return Clause(form.about(model=name(self.model), stages=listing(self.stages)))

    def explain(self, facts: Facts) -> dict[str, Any]:
        return self.leaf(facts, self._stage(facts))

    def needs(self) -> tuple[Need, ...]:
        return (Need(FactKind.STAGES, self.model, named_at=(self.KEY,)),)

    def faults(self, schema: Schema) -> Iterable[Fault]:
        known = None if schema.stages is None else schema.stages.get(self.model)
        for index, stage in enumerate(self.stages) if known is not None else ():
            if known is not None and stage not in known:
                yield unknown(("in", index), "stage", stage, known)

    def normal(self) -> "Stage":
        return replace(self, stages=tuple(sorted({*self.stages})))

    def _stage(self, facts: Facts) -> str | None:
        return None if facts.stages is None else facts.stages.get(self.model)


NODE = Stage
