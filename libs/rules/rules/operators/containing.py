"""`contains` and `not_contains`: an element of a list, or a part of a text."""

from rules import _types as types
from rules._logic import Truth, negate
from rules._operands import SCALAR
from rules._operator import Operator, ValueTest
from rules._values import Scalar, among
from rules._words import Words

CONTAINS = Words("contains {value}", "包含{value}")
LACKS = Words("is filled in and does not contain {value}", "已填写且不包含{value}")


def _contains(value: Scalar) -> ValueTest:
    equal, part = among([value]), value.raw

    def run(data: object) -> Truth:
        if isinstance(data, str):
            return part in data if isinstance(part, str) else None
        return any(map(equal, data)) if isinstance(data, list | tuple) else None

    return run


def _lacks(value: Scalar) -> ValueTest:
    contains = _contains(value)
    return lambda data: negate(contains(data))


READS = types.TEXT | types.LISTS
OPERATORS = (
    Operator("contains", SCALAR, _contains, CONTAINS, LACKS, reads=READS, opposite="not_contains"),
    Operator("not_contains", SCALAR, _lacks, LACKS, CONTAINS, reads=READS, opposite="contains"),
)
