"""`{"trait": name, "op": …, "value": …}`: a trait of the person, by its exact name. A `path` leads inside it
(`"path": "city"`, `"path": "[].age"`: of some element); `where` instead of `op` asks that it is an object, or a list with
an object, of which all the predicates hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from rules import _comparison
from rules._comparison import Comparison
from rules._facts import Facts, TraitChange
from rules._instants import text_of
from rules._logic import Truth
from rules._needs import FactKind, Need
from rules._operator import Bind, ValueTest
from rules._paths import Path, read_path
from rules._predicates import read_predicate
from rules._reading import Place, Reason, read_name
from rules._rule import ReadChild, Rule, Test
from rules._schema import Fault, Schema
from rules._types import Type
from rules._where import Where, read_where
from rules._words import Clause, Words, name

_WHOSE = Words("whose {name} {phrase}", "{name}{phrase}")
_SOME = Words("of whose {name} some {phrase}", "{name}中有一个{phrase}")
_NONE = Words("of whose {name} none {phrase}", "{name}中没有一个{phrase}")
_HAS = Words("has ({where})", "满足（{where}）")


@dataclass(frozen=True, slots=True)
class Trait(Rule):
    KEY: ClassVar[str] = "trait"
    SCHEMA: ClassVar[dict[str, Any]] = {
        "trait": {"type": "string", "minLength": 1},
        "path": {"type": "string", "minLength": 1},
        **_comparison.SCHEMA,
        "where": {"type": "array", "minItems": 1},
    }
    LABEL: ClassVar[Words] = Words("trait", "属性")
    name: str
    asked: Comparison | Where
    path: Path | None = None

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadChild) -> "Trait | None":
        path = read_path(place.at("path"), data["path"]) if "path" in data else None
        if "where" in data and "op" not in data:
            place.check_keys(data, {cls.KEY, "path", "where"})
            asked: Comparison | Where | None = read_where(place.at("where"), data["where"], read_predicate)
        else:
            place.check_keys(data, _comparison.KEYS | {cls.KEY, "path"})
            asked = Comparison.read(place, data, of_trait=True)
        trait = read_name(place.at(cls.KEY), data[cls.KEY], 'the name of a trait, such as "city"')
        if isinstance(asked, Comparison) and asked.reads_changes and "path" in data:
            detail = f'"{asked.op}" looks at the whole trait; leave "path" out'
            place.at("path").refuse(Reason.UNEXPECTED_KEY, detail)
        return None if trait is None or asked is None else cls(trait, asked, path)

    def render(self) -> dict[str, Any]:
        path = {} if self.path is None else {"path": self.path.text}
        rest = self.asked.render() if isinstance(self.asked, Comparison) else {"where": self.asked.render()}
        return {self.KEY: self.name, **path, **rest}

    def compile(self) -> Test:
        if isinstance(self.asked, Comparison):
            if self.asked.reads_changes:
                return _of_changes(self.name, self.asked.bind())
            missing, fixed = self.asked.operator.missing, self.asked.compile()
            bind = self.asked.bind()
        else:
            missing, fixed, bind = None, None, self.asked.bind_some()
        if fixed is None:
            return _bound(self.name, self.path, bind, missing)
        return _of_value(
            self.name, fixed if self.path is None else self.path.reading(fixed, missing), missing
        )

    def say(self, denied: bool) -> Clause:
        shown = self.name if self.path is None else f"{self.name}.{self.path.text}".replace(".[", "[")
        many = isinstance(self.asked, Where) or (self.path is not None and self.path.is_many)
        form = (_NONE if denied else _SOME) if many else _WHOSE
        phrase = (
            self.asked.say(denied and not many)
            if isinstance(self.asked, Comparison)
            else _HAS.about(where=self.asked.say().words)
        )
        return Clause(form.about(name=name(shown), phrase=phrase))

    def explain(self, facts: Facts) -> dict[str, Any]:
        value = facts.traits.get(self.name)
        explained = self.leaf(facts, value) | {"missing": value is None}
        if isinstance(self.asked, Comparison) and self.asked.reads_changes:
            changes = (facts.changes or {}).get(self.name, ())
            explained["changes"] = [
                {"at": text_of(each.at_ms), "before": each.before, "after": each.after} for each in changes
            ]
        return explained

    def needs(self) -> tuple[Need, ...]:
        changes = isinstance(self.asked, Comparison) and self.asked.reads_changes
        kind = FactKind.TRAIT_CHANGES if changes else FactKind.TRAITS
        own = Need(kind, self.name, at=("op",) if changes else (), named_at=(self.KEY,))
        return own, *self.asked.needs()

    def faults(self, schema: Schema) -> Iterable[Fault]:
        declared = None if schema.traits is None else schema.traits.get(self.name)
        if declared is None or self.path is not None or isinstance(self.asked, Where):
            return ()
        return self.asked.faults(Type(declared), f'"{self.name}"')

    def normal(self) -> "Trait":
        asked = self.asked.normal() if isinstance(self.asked, Comparison) else self.asked
        return Trait(self.name, asked, self.path)

    def denial(self) -> "Trait | None":
        opposite = self.asked.opposite() if isinstance(self.asked, Comparison) else None
        many = self.path is not None and self.path.is_many
        return None if opposite is None or many else Trait(self.name, opposite, self.path)


def _of_value(key: str, test: ValueTest, missing: Truth) -> Test:
    def run(facts: Facts) -> Truth:
        value = facts.traits.get(key)
        return missing if value is None else test(value)

    return run


def _bound(key: str, path: Path | None, bind: Bind, missing: Truth) -> Test:
    def run(facts: Facts) -> Truth:
        value = facts.traits.get(key)
        if value is None:
            return missing
        test = bind(facts)
        return test(value) if path is None else path.reading(test, missing)(value)

    return run


def _of_changes(key: str, bind: Bind) -> Test:
    none: tuple[TraitChange, ...] = ()

    def run(facts: Facts) -> Truth:
        return None if facts.changes is None else bind(facts)(facts.changes.get(key, none))

    return run


NODE = Trait
