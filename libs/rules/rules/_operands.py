"""The shapes an operator's `value` may have."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from rules._reading import MAX_VALUES, Place, Reason
from rules._spans import SCHEMA as SPAN_SCHEMA
from rules._spans import Span, read_span
from rules._values import MAX_INTEGER, Scalar, Value, ordered_like, raw_of, scalar_of
from rules._windows import SCHEMA as WINDOW_SCHEMA
from rules._windows import Window, read_window
from rules._words import Words, literal

V = TypeVar("V")
Pair = tuple[Scalar, Scalar]
A_SCALAR = f"a text, a number (integers within ±{MAX_INTEGER}) or a boolean"


@dataclass(frozen=True, slots=True)
class Operand(Generic[V]):
    """`read` returns the literal, hashable, or None after recording what is wrong; `render` undoes it.

    `schema` is JSON Schema of the value. With `refers`, a reference (`{"trait": name}` …) may stand for the literal.
    `equates`: the literal is compared with the data, so their types must agree. `normal` gives literals that mean the
    same one form.
    """

    expected: str
    read: Callable[[Place, object], V | None]
    schema: dict[str, Any] = field(default_factory=dict)
    is_given: bool = True
    refers: bool = False
    equates: bool = True
    render: Callable[[Any], Any] = raw_of
    say: Callable[[Any], Words] = literal
    normal: Callable[[V], V] = lambda value: value


def _scalar(place: Place, data: object) -> Scalar | None:
    value = scalar_of(data)
    if value is not None:
        return value
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


def _date(place: Place, data: object) -> Scalar | None:
    value = scalar_of(data)
    if value is None or value.instant is None:
        place.refuse(
            Reason.BAD_VALUE,
            'expected an RFC 3339 date such as "2025-01-31", or a moment such as {"ago": "30d"}',
        )
        return None
    return value


def _as_set(values: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    return tuple(sorted(set(values), key=lambda each: (each.kind, each.raw)))


_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_ORDERED: dict[str, Any] = {"type": ["string", "number"]}
_LIST: dict[str, Any] = {"type": "array", "minItems": 1, "maxItems": MAX_VALUES, "items": _SCALAR}

NOTHING: Operand[tuple[()]] = Operand("no value", lambda place, data: (), is_given=False)
SCALAR = Operand(A_SCALAR, _scalar, _SCALAR, refers=True)
SCALAR_OR_LIST: Operand[Value] = Operand(
    f"{A_SCALAR}, or a list of these",
    _scalar_or_list,
    {"anyOf": [_SCALAR, _LIST | {"minItems": 0}]},
    refers=True,
)
LIST = Operand("a list of values", _list, _LIST, normal=_as_set)
ORDERED = Operand("a number, a text or an RFC 3339 date", _ordered, _ORDERED, refers=True)
TEXT = Operand("a text", _text, {"type": "string"}, refers=True)
DATE = Operand("an RFC 3339 date or a moment", _date, {"type": "string", "format": "date-time"}, refers=True)
PAIR = Operand(
    "a list [low, high]", _pair, {"type": "array", "minItems": 2, "maxItems": 2, "items": _ORDERED}
)
SPAN: Operand[Span] = Operand(
    "a length of time", read_span, SPAN_SCHEMA, equates=False, render=lambda span: span.text, say=Span.say
)
WINDOW: Operand[Window] = Operand(
    "a window", read_window, WINDOW_SCHEMA, equates=False, render=lambda w: w.render(), say=lambda w: w.say()
)
