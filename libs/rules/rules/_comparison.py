"""`op` and `value`: the half that traits and properties share."""

from dataclasses import dataclass
from typing import Any

from rules._operator import Operator, ValueTest
from rules._reading import Place, Reason, guess, listed
from rules._values import Value, raw_of
from rules._words import Words, literal
from rules.operators import OPERATORS, OPERATORS_LATER

KEYS = frozenset({"op", "value"})


@dataclass(frozen=True, slots=True)
class Comparison:
    op: str
    value: Value

    @classmethod
    def read(cls, place: Place, data: dict[str, object]) -> "Comparison | None":
        operator = _operator(place, data)
        if operator is None:
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
        value = operator.operand.read(place.at("value"), data["value"])
        return None if value is None else cls(operator.name, value)

    @property
    def operator(self) -> Operator[Any]:
        return OPERATORS[self.op]

    def render(self) -> dict[str, Any]:
        return {"op": self.op} | ({"value": raw_of(self.value)} if self.operator.operand.is_given else {})

    def compile(self) -> ValueTest:
        """Test of a value that is there; for a missing one `operator.missing` is the answer."""
        return self.operator.compile(self.value)

    def say(self, denied: bool) -> Words:
        words = self.operator.denied if denied else self.operator.words
        return words.about(value=literal(self.value))


def _operator(place: Place, data: dict[str, object]) -> Operator[Any] | None:
    if "op" not in data:
        place.refuse(Reason.MISSING_KEY, f'expected an "op", one of {listed(OPERATORS)}')
        return None
    op = data["op"]
    if isinstance(op, str) and op in OPERATORS:
        return OPERATORS[op]
    if isinstance(op, str) and op in OPERATORS_LATER:
        detail = f'"{op}" is not supported yet; expected one of {listed(OPERATORS)}'
        place.at("op").refuse(Reason.UNSUPPORTED_OPERATOR, detail)
    else:
        hint = guess(op, OPERATORS) if isinstance(op, str) else ""
        place.at("op").refuse(Reason.UNKNOWN_OPERATOR, f"expected one of {listed(OPERATORS)}{hint}")
    return None
