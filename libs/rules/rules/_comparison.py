"""`op` and `value`: the half that traits, properties and scores share."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import Any

from rules._facts import Facts
from rules._instants import is_full_date, rfc3339
from rules._logic import Truth
from rules._needs import FactKind, Need
from rules._operator import Bind, Operator, Situated, ValueTest, unknown
from rules._person_time import instant_in
from rules._reading import Book, Place, Reason, guess, listed
from rules._reference import Reference
from rules._schema import Fault
from rules._types import Type, mismatch
from rules._values import Scalar, Value
from rules._words import Words
from rules.operators import OPERATORS
from rules.references import REFERENCES

KEYS = frozenset({"op", "value"})
SCHEMA: dict[str, Any] = {"op": {"enum": sorted(OPERATORS)}, "value": {}}


@dataclass(frozen=True, slots=True)
class Comparison:
    op: str
    value: Any
    """The operator's literal, or a reference that stands for one."""

    @classmethod
    def read(cls, place: Place, data: dict[str, object], of_trait: bool = False) -> "Comparison | None":
        """Only a trait has changes to look at (`of_trait`)."""
        operator = _operator(place, data)
        if operator is None:
            return None
        if isinstance(operator.compile, Situated) and operator.compile.reads_changes and not of_trait:
            detail = (
                f'"{operator.name}" looks at the changes of a trait; use it in a node {{"trait": name, …}}'
            )
            place.at("op").refuse(Reason.MISPLACED_NODE, detail)
            return None
        if not operator.operand.is_given:
            if "value" in data:
                place.at("value").refuse(
                    Reason.UNEXPECTED_KEY, f'"{operator.name}" takes no value; leave it out'
                )
            return cls(operator.name, ())
        if "value" not in data:
            place.refuse(
                Reason.MISSING_KEY, f'"{operator.name}" needs a "value": {operator.operand.expected}'
            )
            return None
        value = _value(place.at("value"), data["value"], operator)
        return None if value is None else cls(operator.name, value)

    @property
    def operator(self) -> Operator[Any]:
        return OPERATORS[self.op]

    @property
    def reads_changes(self) -> bool:
        return isinstance(self.operator.compile, Situated) and self.operator.compile.reads_changes

    def render(self) -> dict[str, Any]:
        if not self.operator.operand.is_given:
            return {"op": self.op}
        if isinstance(self.value, Reference):
            return {"op": self.op, "value": {self.value.KEY: self.value.render()}}
        return {"op": self.op, "value": self.operator.operand.render(self.value)}

    def compile(self) -> ValueTest | None:
        """Test of a value that is there (for a missing one `operator.missing` is the answer); None when it takes a
        person to know what to compare with."""
        if isinstance(self.value, Reference) or isinstance(self.operator.compile, Situated):
            return None
        return self.operator.compile(self.value)

    def bind(self) -> Bind:
        """The test, for one person at one moment."""
        if isinstance(self.value, Reference):
            return _resolving(self.operator, self.value)
        if isinstance(self.operator.compile, Situated):
            return self.operator.compile.bind(self.value)
        test = self.operator.compile(self.value)
        return lambda facts: test

    def needs(self) -> tuple[Need, ...]:
        """Beside the value itself. Pointers lead from the object that holds `op`."""
        if isinstance(self.value, Reference):
            return tuple(need.under("value") for need in self.value.needs())
        if isinstance(self.operator.compile, Situated):
            kinds = self.operator.compile.needs(self.value) - {FactKind.TRAIT_CHANGES}
            return tuple(Need(kind, at=("op",)) for kind in sorted(kinds))
        return ()

    def faults(self, declared: Type, noun: str) -> Iterable[Fault]:
        """What is wrong with it for data of this type; `noun` is what has it."""
        operator = self.operator
        if declared is Type.ANY:
            return
        if declared not in operator.reads:
            fit = listed(name for name, each in OPERATORS.items() if declared in each.reads)
            detail = f'{noun} is of type {declared}, which "{self.op}" cannot read; expected one of {fit}'
            yield Fault(("op",), Reason.WRONG_TYPE, detail)
        elif operator.operand.equates and not isinstance(self.value, Reference):
            for at, literal in _literals(self.value):
                expected = mismatch(literal, declared)
                if expected is not None:
                    yield Fault(
                        ("value", *at),
                        Reason.WRONG_TYPE,
                        f"{noun} is of type {declared}: expected {expected}",
                    )

    def normal(self) -> "Comparison":
        if isinstance(self.value, Reference):
            return self
        return replace(self, value=self.operator.operand.normal(self.value))

    def opposite(self) -> "Comparison | None":
        """What holds exactly when this does not, unknown included."""
        return replace(self, op=self.operator.opposite) if self.operator.opposite else None

    def say(self, denied: bool) -> Words:
        words = self.operator.denied if denied else self.operator.words
        value = self.value
        said = value.say() if isinstance(value, Reference) else self.operator.operand.say(value)
        return words.about(value=said)


def _literals(value: Value) -> Iterable[tuple[tuple[int, ...], Scalar]]:
    if isinstance(value, Scalar):
        return [((), value)]
    return [((index,), each) for index, each in enumerate(value)]


def _resolving(operator: Operator[Any], reference: Reference) -> Bind:
    from_now = any(need.kind is FactKind.CLOCK for need in reference.needs())

    def bind(facts: Facts) -> ValueTest:
        raw = reference.resolve(facts)
        literal = None if raw is None else operator.operand.read(Place(Book()), raw)
        if literal is None or isinstance(operator.compile, Situated):
            return unknown
        test = operator.compile(literal)
        return _on_the_calendar(test, facts.zone) if from_now else test

    return bind


def _on_the_calendar(test: ValueTest, zone: tzinfo) -> ValueTest:
    """Against a moment told from now, a full-date is the day as the person lives it."""

    def run(data: object) -> Truth:
        if isinstance(data, str) and is_full_date(data):
            start = instant_in(zone, data)
            return None if start is None else test(rfc3339(start))
        return test(data)

    return run


def _value(place: Place, data: object, operator: Operator[Any]) -> Any:
    if not isinstance(data, dict) or not operator.operand.refers:
        return operator.operand.read(place, data)
    kinds = [key for key in data if key in REFERENCES]
    if len(data) != 1 or not kinds:
        hint = "".join(guess(key, REFERENCES) for key in data if isinstance(key, str))
        place.refuse(
            Reason.BAD_VALUE,
            f"expected {operator.operand.expected}, or an object with one of {listed(REFERENCES)}{hint}",
        )
        return None
    return REFERENCES[kinds[0]].read(place.at(kinds[0]), data[kinds[0]])


def _operator(place: Place, data: dict[str, object]) -> Operator[Any] | None:
    if "op" not in data:
        place.refuse(Reason.MISSING_KEY, f'expected an "op", one of {listed(OPERATORS)}')
        return None
    op = data["op"]
    if isinstance(op, str) and op in OPERATORS:
        return OPERATORS[op]
    hint = guess(op, OPERATORS) if isinstance(op, str) else ""
    place.at("op").refuse(Reason.UNKNOWN_OPERATOR, f"expected one of {listed(OPERATORS)}{hint}")
    return None
