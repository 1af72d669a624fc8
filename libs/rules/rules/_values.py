"""Literals of a rule, and how data is compared with them."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from rules._folding import fold
from rules._instants import instant_of
from rules._reading import is_clean

MAX_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Scalar:
    """A literal with its kind, for Python holds `True == 1` and a rule does not."""

    kind: Literal["text", "number", "flag"]
    raw: str | int | float | bool

    @property
    def instant(self) -> int | None:
        return instant_of(self.raw) if isinstance(self.raw, str) else None


Value: TypeAlias = Scalar | tuple[Scalar, ...]


def scalar_of(data: object) -> Scalar | None:
    """The literal for a piece of JSON, a text folded; None for null, lists, objects and what no store can hold."""
    if isinstance(data, bool):
        return Scalar("flag", data)
    if isinstance(data, int):
        return Scalar("number", data) if -MAX_INTEGER <= data <= MAX_INTEGER else None
    if isinstance(data, float):
        if not math.isfinite(data):
            return None
        return Scalar("number", int(data) if data.is_integer() and abs(data) < 2**53 else data)
    if isinstance(data, str):
        return Scalar("text", fold(data)) if is_clean(data) else None
    return None


def is_number(data: object) -> bool:
    return isinstance(data, int | float) and not isinstance(data, bool) and data == data  # NaN has no order


def equal_key(data: object) -> tuple[str, object] | None:
    """Equal for two pieces of data exactly when `eq` holds between them; None for what equals nothing."""
    if isinstance(data, bool):
        return ("flag", data)
    if isinstance(data, str):
        instant = instant_of(data)
        return ("text", data) if instant is None else ("instant", instant)
    return ("number", data) if is_number(data) else None


def raw_of(value: Value) -> Any:
    return value.raw if isinstance(value, Scalar) else [each.raw for each in value]


def among(values: Iterable[Scalar]) -> Callable[[object], bool]:
    """Test: is this piece of data equal to one of the literals?"""
    texts: set[str] = set()
    instants: set[int] = set()
    numbers: set[float] = set()
    flags: set[bool] = set()
    for value in values:
        instant = value.instant
        if isinstance(value.raw, bool):
            flags.add(value.raw)
        elif isinstance(value.raw, int | float):
            numbers.add(value.raw)
        elif instant is None:
            texts.add(value.raw)
        else:
            instants.add(instant)

    def found(data: object) -> bool:
        if isinstance(data, str):
            return data in texts or (bool(instants) and instant_of(data) in instants)
        if isinstance(data, bool):
            return data in flags
        return isinstance(data, int | float) and data in numbers

    return found


def ordered_like(value: Scalar) -> tuple[Any, Callable[[object], Any]]:
    """The literal's place in its order, and a reader giving data its place in that order (None: it has none)."""
    instant = value.instant
    if value.kind == "number":
        return value.raw, lambda data: data if is_number(data) else None
    if instant is not None:
        return instant, lambda data: instant_of(data) if isinstance(data, str) else None
    return value.raw, lambda data: data if isinstance(data, str) else None
