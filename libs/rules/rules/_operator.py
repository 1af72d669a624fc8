"""What an operator is. Each one lives in `rules/operators/` and is found there by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from rules._facts import Facts
from rules._logic import Truth
from rules._needs import FactKind
from rules._operands import Operand
from rules._types import ALL, Type
from rules._words import Words

V = TypeVar("V")
ValueTest: TypeAlias = Callable[[object], Truth]
Bind: TypeAlias = Callable[[Facts], ValueTest]


@dataclass(frozen=True, slots=True)
class Situated(Generic[V]):
    """How an operator compiles whose answer hangs on more than the value: on what `needs` names.

    With `reads_changes` the test is given the sequence of the trait's changes instead of its value.
    """

    bind: Callable[[V], Bind]
    needs: Callable[[V], frozenset[FactKind]]
    reads_changes: bool = False


@dataclass(frozen=True, slots=True)
class Operator(Generic[V]):
    """`compile` turns the literal into a test of one present value; `missing` is the answer when there is none.

    `words` and `denied` follow the name of the trait; `{value}` stands for the literal. `denied` must say the exact
    opposite, unknown included: that the value is there, but is otherwise. `opposite` names the operator that answers
    the exact opposite, if there is one. `reads` are the declared types that it has an answer for.
    """

    name: str
    operand: Operand[V]
    compile: Callable[[V], ValueTest] | Situated[V]
    words: Words
    denied: Words
    missing: Truth = None
    reads: frozenset[Type] = ALL
    opposite: str = ""


def unknown(data: object) -> Truth:
    return None
