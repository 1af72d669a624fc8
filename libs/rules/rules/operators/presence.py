"""`exists` and `missing`: the only operators that answer for a missing value."""

from rules._operands import NOTHING
from rules._operator import Operator
from rules._words import Words

FILLED = Words("is filled in", "已填写")
EMPTY = Words("is not filled in", "未填写")

OPERATORS = (
    Operator(
        "exists", NOTHING, lambda nothing: lambda data: True, FILLED, EMPTY, missing=False, opposite="missing"
    ),
    Operator(
        "missing", NOTHING, lambda nothing: lambda data: False, EMPTY, FILLED, missing=True, opposite="exists"
    ),
)
