"""`matches`: some part of a text matches a regular expression (write `^…$` for the whole of it).

The subset of RE2 that `rules._regex` states, in time linear in the text. A text of more than 4,096 characters is
unknown, so that no value of anybody's can hold up an evaluation.
"""

from rules import _types as types
from rules._logic import Truth
from rules._operands import Operand
from rules._operator import Operator, ValueTest
from rules._reading import Place, Reason
from rules._regex import PatternError, compile_pattern
from rules._values import Scalar, scalar_of
from rules._words import Words

MAX_TEXT = 4_096


def _read(place: Place, data: object) -> Scalar | None:
    pattern = scalar_of(data)
    if pattern is None or not isinstance(pattern.raw, str):
        place.refuse(Reason.BAD_VALUE, "expected a regular expression as a text")
        return None
    try:
        compile_pattern(pattern.raw)
    except PatternError as error:
        place.refuse(Reason.BAD_VALUE, f"the regular expression was not understood: {error}")
        return None
    return pattern


def _matches(pattern: Scalar) -> ValueTest:
    found_in = compile_pattern(str(pattern.raw))

    def run(data: object) -> Truth:
        return found_in(data) if isinstance(data, str) and len(data) <= MAX_TEXT else None

    return run


_PATTERN: Operand[Scalar] = Operand(
    "a regular expression", _read, {"type": "string", "format": "regex"}, equates=False
)
OPERATORS = (
    Operator(
        "matches",
        _PATTERN,
        _matches,
        Words("matches {value}", "匹配{value}"),
        Words("is filled in and does not match {value}", "已填写且不匹配{value}"),
        reads=types.TEXT,
    ),
)
