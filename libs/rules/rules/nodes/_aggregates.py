"""What the values of a property in the chosen events come to: `{"sum": {"property": "total", "gt": 500}}`.

Sums and averages are exact, so they do not hang on the order in which events arrive; amounts of money are integers of
minor units, for which exact means exact to the cent. Values that are not numbers are passed over. The sum of no event
is 0; with events but no number among their values everything but `distinct` is unknown: not said is not zero.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rules import _bounds
from rules._bounds import Bounds, Number, finite
from rules._comparison import Comparison
from rules._facts import Happening
from rules._logic import Truth, all_true
from rules._operator import Situated
from rules._paths import Path, read_path
from rules._reading import Place, Reason, guess, listed
from rules._schema import Fault, Properties
from rules._types import Type
from rules._values import equal_key
from rules._words import Words, name
from rules.nodes._event_conditions import Seen
from rules.operators import OPERATORS

_OF = Words("{what} of {name} {bounds}", "{name}的{what}{bounds}")
_NUMERIC = frozenset({Type.NUMBER, Type.MONEY, Type.NUMBERS, Type.ANY})
_PATH: dict[str, Any] = {"property": {"type": "string", "minLength": 1}}
SCHEMA: dict[str, Any] = _bounds.SCHEMA | {"required": ["property"], "properties": _PATH | _bounds.PROPERTIES}
END_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["property"],
    "minProperties": 2,
    "properties": _PATH,
}


@dataclass(frozen=True, slots=True)
class Aggregate:
    kind: str
    path: Path
    bounds: Bounds

    @classmethod
    def read(cls, kind: str, place: Place, data: object) -> "Aggregate | None":
        if not isinstance(data, dict) or "property" not in data:
            place.refuse(Reason.MISSING_KEY, 'expected {"property": path} with bounds such as "gt": 500')
            return None
        path = read_path(place.at("property"), data["property"])
        bounds = Bounds.read(place, data, beside=("property",))
        return None if path is None or bounds is None else cls(kind, path, bounds)

    def render(self) -> dict[str, Any]:
        return {"property": self.path.text, **self.bounds.render()}

    def value(self, happenings: Sequence[Happening]) -> Number | None:
        if not happenings:
            return 0 if self.kind in ("sum", "distinct") else None
        return _AGGREGATES[self.kind][0](_values(self.path, happenings))

    def hold(self, seen: Seen) -> Truth:
        """Where nothing happened there is no least, greatest or average value, so nothing holds of it."""
        if not seen.happenings and self.kind not in ("sum", "distinct"):
            return False
        return self.bounds.hold(self.value(seen.happenings))

    def say(self) -> Words:
        return _OF.about(what=_AGGREGATES[self.kind][1], name=name(self.path.text), bounds=self.bounds.say())

    def faults(self, properties: Properties) -> Iterable[Fault]:
        declared = properties.get(self.path.text)
        if declared is not None and declared not in _NUMERIC and self.kind != "distinct":
            detail = f'"{self.path.text}" is of type {declared}: expected a number to take the {self.kind} of'
            yield Fault((self.kind, "property"), Reason.WRONG_TYPE, detail)


@dataclass(frozen=True, slots=True)
class EndValue:
    """The value that a property had in the first or the last event: `{"property": "city", "eq": "上海"}`, any operator
    that needs no clock being the key."""

    path: Path
    comparisons: tuple[Comparison, ...]

    @classmethod
    def read(cls, place: Place, data: dict[str, object]) -> "EndValue | None":
        path = read_path(place.at("property"), data["property"])
        plain = {op: each for op, each in OPERATORS.items() if not isinstance(each.compile, Situated)}
        read: list[Comparison | None] = []
        for op in data:
            if op == "property":
                continue
            if op not in plain:
                place.at(op).refuse(Reason.UNKNOWN_KEY, f"expected one of {listed(plain)}{guess(op, plain)}")
                read.append(None)
                continue
            given = plain[op].operand.is_given
            if not given and data[op] is not True:
                place.at(op).refuse(Reason.BAD_VALUE, "expected true")
                read.append(None)
                continue
            value = plain[op].operand.read(place.at(op), data[op]) if given else ()
            read.append(None if value is None else Comparison(op, value))
        if not read:
            place.refuse(Reason.MISSING_KEY, f"expected a comparison: one or more of {listed(plain)}")
            return None
        comparisons = tuple(each for each in read if each is not None)
        return cls(path, comparisons) if path is not None and len(comparisons) == len(read) else None

    def render(self) -> dict[str, Any]:
        bounds = {each.op: each.render().get("value", True) for each in self.comparisons}
        return {"property": self.path.text, **bounds}

    def hold(self, happening: Happening | None) -> Truth:
        if happening is None:
            return False
        return all_true(
            self.path.reading(test, each.operator.missing)(happening.properties)
            for each in self.comparisons
            if (test := each.compile()) is not None
        )

    def say(self) -> Words:
        phrases = [each.say(denied=False) for each in self.comparisons]
        said = name(self.path.text)
        return Words(
            f"with {said.en} that {' and '.join(p.en for p in phrases)}",
            f"的{said.zh}{'且'.join(p.zh for p in phrases)}",
        )

    def faults(self, key: str, properties: Properties) -> Iterable[Fault]:
        declared = properties.get(self.path.text)
        if declared is None:
            return
        for each in self.comparisons:
            for fault in each.faults(declared, f'"{self.path.text}"'):
                yield Fault((key, each.op, *fault.at[1:]), fault.reason, fault.detail)


def order(happening: Happening) -> tuple[int, str]:
    """Of events in time; ids settle ties, so that the first and the last are the same however events were loaded."""
    return happening.at_ms, happening.id


def _values(path: Path, happenings: Iterable[Happening]) -> list[object]:
    return [value for each in happenings for value in path.find(each.properties)]


def _numbers(values: Iterable[object]) -> list[int | float]:
    return [number for number in map(finite, values) if number is not None]


def _sum(values: list[object]) -> Number | None:
    numbers = _numbers(values)
    if not numbers:
        return None
    whole = sum(n for n in numbers if isinstance(n, int))
    return sum((Fraction(n) for n in numbers if isinstance(n, float)), whole)


def _average(values: list[object]) -> Number | None:
    total = _sum(values)
    return None if total is None else Fraction(total) / len(_numbers(values))


def _least(values: list[object]) -> Number | None:
    return min(_numbers(values), default=None)


def _greatest(values: list[object]) -> Number | None:
    return max(_numbers(values), default=None)


def _distinct(values: list[object]) -> Number:
    """Values that `eq` takes for the same count once; lists and objects equal nothing and are passed over."""
    return len({key for value in values if (key := equal_key(value)) is not None})


_AGGREGATES: dict[str, tuple[Callable[[list[object]], Number | None], Words]] = {
    "sum": (_sum, Words("the sum", "总和")),
    "avg": (_average, Words("the average", "平均值")),
    "min": (_least, Words("the least", "最小值")),
    "max": (_greatest, Words("the greatest", "最大值")),
    "distinct": (_distinct, Words("the number of different values", "不同取值数")),
}
KINDS = tuple(_AGGREGATES)
