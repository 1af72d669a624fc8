"""The shapes an operator's `value` may have."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from rules._reading import MAX_VALUES, Place, Reason
from rules._values import MAX_INTEGER, Scalar, Value, ordered_like, scalar_of

V = TypeVar("V")
Pair = tuple[Scalar, Scalar]
A_SCALAR = f"a text, a number (integers within ±{MAX_INTEGER}) or a boolean"


@dataclass(frozen=True, slots=True)
class Operand(Generic[V]):
    """`read` returns the literal, or None after recording what is wrong."""

    expected: str
    read: Callable[[Place, object], V | None]
    is_given: bool = True


def _scalar(place: Place, data: object) -> Scalar | None:
    value = scalar_of(data)
    if value is not None:
        return value
    if isinstance(data, dict) and "trait" in data:
        place.refuse(
            Reason.UNSUPPORTED_NODE, f"comparing with another trait is not supported yet; give {A_SCALAR}"
        )
    else:
        place.refuse(
            Reason.BAD_VALUE,
            f"expected {A_SCALAR}, without NUL or lone surrogates; use exists/missing for null",
        )
    return None


def _elements(place: Place, data: list[object]) -> tuple[Scalar, ...] | None:
    if len(data) > MAX_VALUES:
        place.refuse(
            Reason.TOO_MANY_VALUES, f"{len(data)} values; at most {MAX_VALUES}: use a static segment instead"
        )
        return None
    values = [_scalar(place.at(index), each) for index, each in enumerate(data)]
    kept = tuple(value for value in values if value is not None)
    return kept if len(kept) == len(values) else None


def _scalar_or_list(place: Place, data: object) -> Value | None:
    return _elements(place, data) if isinstance(data, list) else _scalar(place, data)


def _list(place: Place, data: object) -> tuple[Scalar, ...] | None:
    if not isinstance(data, list):
        place.refuse(Reason.NOT_A_LIST, "expected a list of values; write [value] for a single one")
        return None
    if not data:
        place.refuse(
            Reason.EMPTY_LIST, "expected at least one value; an empty list would select nobody or everybody"
        )
        return None
    return _elements(place, data)


def _ordered(place: Place, data: object) -> Scalar | None:
    value = _scalar(place, data)
    if value is not None and value.kind == "flag":
        place.refuse(
            Reason.BAD_VALUE, "booleans have no order: expected a number, a text or an RFC 3339 date"
        )
        return None
    return value


def _text(place: Place, data: object) -> Scalar | None:
    value = _scalar(place, data)
    if value is not None and value.kind != "text":
        place.refuse(Reason.BAD_VALUE, "expected a text")
        return None
    return value


def _pair(place: Place, data: object) -> Pair | None:
    if not isinstance(data, list) or len(data) != 2:
        place.refuse(Reason.BAD_VALUE, "expected [low, high]: two numbers, two texts or two RFC 3339 dates")
        return None
    low, high = _ordered(place.at(0), data[0]), _ordered(place.at(1), data[1])
    if low is None or high is None:
        return None
    if low.kind != high.kind or (low.instant is None) != (high.instant is None):
        place.refuse(
            Reason.BAD_VALUE, "expected both ends of one kind: two numbers, two texts or two RFC 3339 dates"
        )
        return None
    if ordered_like(low)[0] > ordered_like(high)[0]:
        place.refuse(Reason.BAD_VALUE, "the low end is above the high end; swap them")
        return None
    return low, high


NOTHING: Operand[tuple[()]] = Operand("no value", lambda place, data: (), is_given=False)
SCALAR = Operand(A_SCALAR, _scalar)
SCALAR_OR_LIST: Operand[Value] = Operand(f"{A_SCALAR}, or a list of these", _scalar_or_list)
LIST = Operand("a list of values", _list)
ORDERED = Operand("a number, a text or an RFC 3339 date", _ordered)
TEXT = Operand("a text", _text)
PAIR = Operand("a list [low, high]", _pair)
