"""`{"rfm": model, "scheme": scheme, "group": […]}`: the group of an RFM model that the person is in, one of these. Unknown
for who is in none."""

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

_IN = Words("in the RFM group {groups} of {model} ({scheme})", "在 RFM 模型{model}（{scheme}）的{groups}组中")
_OUT = Words(
    "in another RFM group of {model} ({scheme}) than {groups}",
    "在 RFM 模型{model}（{scheme}）的{groups}以外的组中",
)


@dataclass(frozen=True, slots=True)
class Rfm(Rule):
    KEY: ClassVar[str] = "rfm"
    SCHEMA: ClassVar[dict[str, Any]] = {
        "rfm": {"type": "string", "minLength": 1},
        "scheme": {"type": "string", "minLength": 1},
        "group": {"type": "array", "minItems": 1, "items": {"type": "string"}},
    }
    LABEL: ClassVar[Words] = Words("RFM group", "RFM 分组")
    model: str
    scheme: str
    groups: tuple[str, ...]

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Rfm | None":
        place.check_keys(data, cls.SCHEMA)
        for key in ("scheme", "group"):
            if key not in data:
                place.refuse(Reason.MISSING_KEY, f'expected "{key}" as well')
        model = read_name(place.at(cls.KEY), data[cls.KEY], 'the name of an RFM model, such as "default"')
        scheme = read_name(place.at("scheme"), data["scheme"], "a scheme") if "scheme" in data else None
        groups = read_names(place.at("group"), data["group"], "groups") if "group" in data else None
        return None if model is None or scheme is None or groups is None else cls(model, scheme, groups)

    def render(self) -> dict[str, Any]:
        return {self.KEY: self.model, "scheme": self.scheme, "group": list(self.groups)}

    def compile(self) -> Test:
        def run(facts: Facts) -> Truth:
            group = self._group(facts)
            return None if group is None else group in self.groups

        return run

    def say(self, denied: bool) -> Clause:
        words = (_OUT if denied else _IN).about(
            model=name(self.model), scheme=name(self.scheme), groups=listing(self.groups)
        )
        return Clause(words)

    def explain(self, facts: Facts) -> dict[str, Any]:
        return self.leaf(facts, self._group(facts))

    def needs(self) -> tuple[Need, ...]:
        return (Need(FactKind.RFM, self.model, named_at=(self.KEY,)),)

    def faults(self, schema: Schema) -> Iterable[Fault]:
        schemes = None if schema.rfm is None else schema.rfm.get(self.model)
        if schemes is None:
            return
        if self.scheme not in schemes:
            yield unknown(("scheme",), "scheme", self.scheme, schemes)
            return
        for index, group in enumerate(self.groups):
            if group not in schemes[self.scheme]:
                yield unknown(("group", index), "group", group, schemes[self.scheme])

    def normal(self) -> "Rfm":
        return replace(self, groups=tuple(sorted({*self.groups})))

    def _group(self, facts: Facts) -> str | None:
        return None if facts.rfm is None else facts.rfm.get(self.model, {}).get(self.scheme)


NODE = Rfm
