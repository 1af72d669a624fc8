"""`before` and `after`: strict, of dates only, against a date or a moment such as `{"ago": "30d"}`."""

import operator

from rules import _types as types
from rules._operands import DATE
from rules._operator import Operator
from rules._words import Words
from rules.operators.ordering import against

BEFORE = Words("is before {value}", "早于{value}")
AFTER = Words("is after {value}", "晚于{value}")

OPERATORS = (
    Operator(
        "before",
        DATE,
        against(operator.lt),
        BEFORE,
        Words("is a date not before {value}", "为日期且不早于{value}"),
        reads=types.DATES,
    ),
    Operator(
        "after",
        DATE,
        against(operator.gt),
        AFTER,
        Words("is a date not after {value}", "为日期且不晚于{value}"),
        reads=types.DATES,
    ),
)
