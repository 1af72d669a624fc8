"""`{"property": path, "op": …, "value": …}`: the value at a path; and `{"property": path, "where": […]}`: an object
there, or some object of a list there, of which all of `where` holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from rules import _comparison
from rules._comparison import Comparison
from rules._facts import Facts
from rules._needs import Need
from rules._operator import Bind, ValueTest
from rules._paths import Path, read_path
from rules._predicate import Predicate, ReadPredicate
from rules._reading import Place, Reason
from rules._schema import Fault, Properties, unknown
from rules._types import Type
from rules._where import Where, read_where
from rules._words import Clause, Words, name

_ONE = Words("{name} {phrase}", "{name}{phrase}")
_SOME = Words("some {name} {phrase}", "某个{name}{phrase}")
_NONE = Words("no {name} {phrase}", "没有一个{name}{phrase}")
_HAS = Words("has ({where})", "满足（{where}）")


@dataclass(frozen=True, slots=True)
class Property(Predicate):
    KEY: ClassVar[str] = "property"
    SCHEMA: ClassVar[dict[str, Any]] = {
        "property": {"type": "string", "minLength": 1},
        **_comparison.SCHEMA,
        "where": {"type": "array", "minItems": 1},
    }
    LABEL: ClassVar[Words] = Words("a property", "事件属性")
    path: Path
    asked: Comparison | Where

    @classmethod
    def read(cls, place: Place, data: dict[str, object], child: ReadPredicate) -> "Property | None":
        path = read_path(place.at(cls.KEY), data[cls.KEY])
        if "where" in data and "op" not in data:
            place.check_keys(data, {cls.KEY, "where"})
            asked: Comparison | Where | None = read_where(place.at("where"), data["where"], child)
        else:
            place.check_keys(data, _comparison.KEYS | {cls.KEY})
            asked = Comparison.read(place, data)
        return None if path is None or asked is None else cls(path, asked)

    def render(self) -> dict[str, Any]:
        rest = self.asked.render() if isinstance(self.asked, Comparison) else {"where": self.asked.render()}
        return {self.KEY: self.path.text, **rest}

    def bind(self) -> Bind:
        path, asked = self.path, self.asked
        missing = asked.operator.missing if isinstance(asked, Comparison) else None
        fixed = asked.compile() if isinstance(asked, Comparison) else None
        if fixed is not None:
            reading = path.reading(fixed, missing)
            return lambda facts: reading
        bind = asked.bind() if isinstance(asked, Comparison) else asked.bind_some()

        def run(facts: Facts) -> ValueTest:
            return path.reading(bind(facts), missing)

        return run

    def say(self, denied: bool) -> Clause:
        asked, many = self.asked, self.path.is_many or isinstance(self.asked, Where)
        form = (_NONE if denied else _SOME) if many else _ONE
        phrase = (
            asked.say(denied and not many)
            if isinstance(asked, Comparison)
            else _HAS.about(where=asked.say().words)
        )
        return Clause(form.about(name=name(self.path.text), phrase=phrase))

    def needs(self) -> tuple[Need, ...]:
        return self.asked.needs()

    def faults(self, properties: Properties, owner: str) -> Iterable[Fault]:
        if isinstance(self.asked, Where):
            inside = _inside(properties, self.path.text)
            return self.asked.faults(inside, f"{self.path.text} of {owner}") if inside else ()
        declared = properties.get(self.path.text)
        if declared is None:
            near = unknown((self.KEY,), "property", self.path.text, properties)
            return (Fault(near.at, Reason.UNKNOWN_NAME, f"{near.detail}, among those of {owner}"),)
        return self.asked.faults(Type(declared), f'"{self.path.text}"')


def _inside(properties: Properties, path: str) -> Properties:
    """The types of what is inside the objects at the path."""
    found: dict[str, Type] = {}
    for prefix in (f"{path}.", f"{path}[]."):
        found |= {
            key.removeprefix(prefix): each for key, each in properties.items() if key.startswith(prefix)
        }
    return found


PREDICATES = (Property,)
