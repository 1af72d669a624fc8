"""`{"trait": name}`: the value that the person's other trait has."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rules._facts import Facts
from rules._needs import FactKind, Need
from rules._reading import Place, read_name
from rules._reference import Reference
from rules._words import Words, name

_THE_TRAIT = Words("the person’s {name}", "本人的{name}")


@dataclass(frozen=True, slots=True)
class TraitValue(Reference):
    KEY: ClassVar[str] = "trait"
    SCHEMA: ClassVar[dict[str, Any]] = {"type": "string", "minLength": 1}
    LABEL: ClassVar[Words] = Words("another trait", "另一个属性")
    name: str

    @classmethod
    def read(cls, place: Place, data: object) -> "TraitValue | None":
        found = read_name(place, data, 'the name of a trait, such as "city"')
        return None if found is None else cls(found)

    def render(self) -> str:
        return self.name

    def resolve(self, facts: Facts) -> object:
        return facts.traits.get(self.name)

    def say(self) -> Words:
        return _THE_TRAIT.about(name=name(self.name))

    def needs(self) -> tuple[Need, ...]:
        return (Need(FactKind.TRAITS, self.name, named_at=(self.KEY,)),)


REFERENCES = (TraitValue,)
