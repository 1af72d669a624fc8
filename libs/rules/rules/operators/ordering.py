"""`gt gte lt lte`: numbers, texts by code point, or instants."""

import operator
from collections.abc import Callable
from typing import Any

from rules._logic import Truth
from rules._operands import ORDERED
from rules._operator import Operator, ValueTest
from rules._values import Scalar, ordered_like
from rules._words import Words

ABOVE = Words("is more than {value}", "大于{value}")
AT_LEAST = Words("is at least {value}", "不小于{value}")
BELOW = Words("is less than {value}", "小于{value}")
AT_MOST = Words("is at most {value}", "不大于{value}")


def _against(compare: Callable[[Any, Any], bool]) -> Callable[[Scalar], ValueTest]:
    def compile_(value: Scalar) -> ValueTest:
        limit, place_of = ordered_like(value)

        def run(data: object) -> Truth:
            place = place_of(data)
            return None if place is None else compare(place, limit)

        return run

    return compile_


OPERATORS = (
    Operator("gt", ORDERED, _against(operator.gt), ABOVE, AT_MOST),
    Operator("gte", ORDERED, _against(operator.ge), AT_LEAST, BELOW),
    Operator("lt", ORDERED, _against(operator.lt), BELOW, AT_LEAST),
    Operator("lte", ORDERED, _against(operator.le), AT_MOST, ABOVE),
)
