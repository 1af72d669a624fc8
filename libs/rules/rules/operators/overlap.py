"""`any_of`, `all_of` and `none_of`: a list (or a scalar, as a list of one) against the literals."""

from rules import _types as types
from rules._logic import Truth, negate
from rules._operands import LIST
from rules._operator import Operator, ValueTest
from rules._values import Scalar, among
from rules._words import Words

ANY = Words("includes any of {value}", "含有{value}中任意一个")
ALL = Words("includes all of {value}", "含有{value}中的全部")
NOT_ALL = Words("is filled in and does not include all of {value}", "已填写且不含{value}中的全部")
NONE = Words("is filled in and includes none of {value}", "已填写且不含{value}中任何一个")


def _elements(data: object) -> list[object] | tuple[object, ...] | None:
    if isinstance(data, list | tuple):
        return data
    return [data] if isinstance(data, str | int | float) else None


def _any_of(values: tuple[Scalar, ...]) -> ValueTest:
    found = among(values)

    def run(data: object) -> Truth:
        elements = _elements(data)
        return None if elements is None else any(map(found, elements))

    return run


def _none_of(values: tuple[Scalar, ...]) -> ValueTest:
    some = _any_of(values)
    return lambda data: negate(some(data))


def _all_of(values: tuple[Scalar, ...]) -> ValueTest:
    tests = [among([value]) for value in values]

    def run(data: object) -> Truth:
        elements = _elements(data)
        return None if elements is None else all(any(map(test, elements)) for test in tests)

    return run


READS = types.SCALARS | types.LISTS
OPERATORS = (
    Operator("any_of", LIST, _any_of, ANY, NONE, reads=READS, opposite="none_of"),
    Operator("all_of", LIST, _all_of, ALL, NOT_ALL, reads=READS),
    Operator("none_of", LIST, _none_of, NONE, ANY, reads=READS, opposite="any_of"),
)
