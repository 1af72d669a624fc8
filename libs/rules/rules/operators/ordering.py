"""`gt gte lt lte`: numbers, texts by code point, or instants."""

import operator
from collections.abc import Callable
from typing import Any

from rules import _types as types
from rules._logic import Truth
from rules._operands import ORDERED
from rules._operator import Operator, ValueTest
from rules._values import Scalar, ordered_like
from rules._words import Words

ABOVE = Words("is more than {value}", "大于{value}")
AT_LEAST = Words("is at least {value}", "不小于{value}")
BELOW = Words("is less than {value}", "小于{value}")
AT_MOST = Words("is at most {value}", "不大于{value}")


def against(compare: Callable[[Any, Any], bool]) -> Callable[[Scalar], ValueTest]:
    def compile_(value: Scalar) -> ValueTest:
        limit, place_of = ordered_like(value)

        def run(data: object) -> Truth:
            place = place_of(data)
            return None if place is None else compare(place, limit)

        return run

    return compile_


OPERATORS = (
    Operator("gt", ORDERED, against(operator.gt), ABOVE, AT_MOST, reads=types.ORDERED, opposite="lte"),
    Operator("gte", ORDERED, against(operator.ge), AT_LEAST, BELOW, reads=types.ORDERED, opposite="lt"),
    Operator("lt", ORDERED, against(operator.lt), BELOW, AT_LEAST, reads=types.ORDERED, opposite="gte"),
    Operator("lte", ORDERED, against(operator.le), AT_MOST, ABOVE, reads=types.ORDERED, opposite="gt"),
)
