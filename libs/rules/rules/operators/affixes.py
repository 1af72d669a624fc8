"""`starts_with` and `ends_with`: texts only."""

from collections.abc import Callable

from rules import _types as types
from rules._operands import TEXT
from rules._operator import Operator, ValueTest
from rules._values import Scalar
from rules._words import Words


def _by(method: Callable[[str, str], bool]) -> Callable[[Scalar], ValueTest]:
    def compile_(value: Scalar) -> ValueTest:
        affix = str(value.raw)
        return lambda data: method(data, affix) if isinstance(data, str) else None

    return compile_


OPERATORS = (
    Operator(
        "starts_with",
        TEXT,
        _by(str.startswith),
        Words("starts with {value}", "以{value}开头"),
        Words("is filled in and does not start with {value}", "已填写且不以{value}开头"),
        reads=types.TEXT,
    ),
    Operator(
        "ends_with",
        TEXT,
        _by(str.endswith),
        Words("ends with {value}", "以{value}结尾"),
        Words("is filled in and does not end with {value}", "已填写且不以{value}结尾"),
        reads=types.TEXT,
    ),
)
