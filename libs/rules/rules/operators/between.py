"""`between`: from low to high, both included."""

from rules import _types as types
from rules._logic import Truth
from rules._operands import PAIR, Pair
from rules._operator import Operator, ValueTest
from rules._values import ordered_like
from rules._words import Words


def _between(pair: Pair) -> ValueTest:
    low, place_of = ordered_like(pair[0])
    high, _ = ordered_like(pair[1])

    def run(data: object) -> Truth:
        place = place_of(data)
        return None if place is None else low <= place <= high

    return run


OPERATORS = (
    Operator(
        "between",
        PAIR,
        _between,
        Words("is in the range {value}", "在区间{value}内"),
        Words("is outside the range {value}", "在区间{value}之外"),
        reads=types.ORDERED,
    ),
)
