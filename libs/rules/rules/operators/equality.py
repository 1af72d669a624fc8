"""`eq` and `ne`: one literal, or a whole list with its order."""

from rules import _types as types
from rules._operands import SCALAR_OR_LIST
from rules._operator import Operator, ValueTest
from rules._values import Scalar, Value, among
from rules._words import Words

IS = Words("is {value}", "为{value}")
IS_NOT = Words("is filled in and is not {value}", "已填写且不为{value}")


def _equal(value: Value) -> ValueTest:
    if isinstance(value, Scalar):
        return among([value])
    tests = [among([each]) for each in value]

    def run(data: object) -> bool:
        return (
            isinstance(data, list | tuple)
            and len(data) == len(tests)
            and all(test(each) for test, each in zip(tests, data, strict=True))
        )

    return run


def _differ(value: Value) -> ValueTest:
    equal = _equal(value)
    return lambda data: not equal(data)


READS = types.SCALARS | types.LISTS
OPERATORS = (
    Operator("eq", SCALAR_OR_LIST, _equal, IS, IS_NOT, reads=READS, opposite="ne"),
    Operator("ne", SCALAR_OR_LIST, _differ, IS_NOT, IS, reads=READS, opposite="eq"),
)
