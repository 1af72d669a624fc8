"""What an operator is. Each one lives in `rules/operators/` and is found there by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from rules._logic import Truth
from rules._operands import Operand
from rules._words import Words

V = TypeVar("V")
ValueTest: TypeAlias = Callable[[object], Truth]


@dataclass(frozen=True, slots=True)
class Operator(Generic[V]):
    """`compile` turns the literal into a test of one present value; `missing` is the answer when there is none.

    `words` and `denied` follow the name of the trait; `{value}` stands for the literal. `denied` must say the exact
    opposite, unknown included: that the value is there, but is otherwise.
    """

    name: str
    operand: Operand[V]
    compile: Callable[[V], ValueTest]
    words: Words
    denied: Words
    missing: Truth = None
