"""`within_last`, `within_next` and `older_than`: how far a date lies from now.

`within_last`: later than so long ago, up to and including now. `within_next`: later than now, up to and including so
long from now. `older_than`: so long ago exactly, or earlier. Every date is in just one of: older than the span, within
the last, within the next, further ahead.
"""

from collections.abc import Callable

from rules import _types as types
from rules._facts import Facts
from rules._logic import Truth
from rules._needs import FactKind
from rules._operands import SPAN
from rules._operator import Bind, Operator, Situated, ValueTest, unknown
from rules._person_time import instant_in
from rules._spans import Span
from rules._words import Words

Holds = Callable[[int, int, int], bool]
"""(the date, now, the far end of the span)"""


def _clocked(sign: int, holds: Holds) -> Situated[Span]:
    def bind_span(span: Span) -> Bind:
        def bind(facts: Facts) -> ValueTest:
            now = None if facts.now_ms is None else facts.now_ms * 1_000
            end = None if now is None else span.shift(now, sign, facts.zone)
            if now is None or end is None:
                return unknown
            here, far, zone = now, end, facts.zone

            def run(data: object) -> Truth:
                at = instant_in(zone, data)
                return None if at is None else holds(at, here, far)

            return run

        return bind

    return Situated(bind_span, lambda span: frozenset({FactKind.CLOCK}))


OPERATORS = (
    Operator(
        "within_last",
        SPAN,
        _clocked(-1, lambda at, now, far: far < at <= now),
        Words("is in the last {value}", "在最近 {value}内"),
        Words("is a date not in the last {value}", "为日期且不在最近 {value}内"),
        reads=types.DATES,
    ),
    Operator(
        "within_next",
        SPAN,
        _clocked(1, lambda at, now, far: now < at <= far),
        Words("is in the next {value}", "在未来 {value}内"),
        Words("is a date not in the next {value}", "为日期且不在未来 {value}内"),
        reads=types.DATES,
    ),
    Operator(
        "older_than",
        SPAN,
        _clocked(-1, lambda at, now, far: at <= far),
        Words("is {value} ago or earlier", "在 {value}前或更早"),
        Words("is a date less than {value} ago", "为日期且距今不到 {value}"),
        reads=types.DATES,
    ),
)
