"""`in` and `not_in`: equal to one of the literals, or to none."""

from rules import _types as types
from rules._operands import LIST
from rules._operator import Operator, ValueTest
from rules._values import Scalar, among
from rules._words import Words

IN = Words("is one of {value}", "属于{value}之一")
NOT_IN = Words("is filled in and is none of {value}", "已填写且不属于{value}")


def _not_in(values: tuple[Scalar, ...]) -> ValueTest:
    found = among(values)
    return lambda data: not found(data)


OPERATORS = (
    Operator("in", LIST, among, IN, NOT_IN, reads=types.SCALARS, opposite="not_in"),
    Operator("not_in", LIST, _not_in, NOT_IN, IN, reads=types.SCALARS, opposite="in"),
)
