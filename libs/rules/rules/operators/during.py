"""`during`: a date inside a window, as events are (`"this_month"`, `"30d"`, `{"from", "to"}`)."""

from rules import _types as types
from rules._facts import Facts
from rules._logic import Truth
from rules._needs import FactKind
from rules._operands import WINDOW
from rules._operator import Bind, Operator, Situated, ValueTest, unknown
from rules._person_time import instant_in
from rules._windows import Window
from rules._words import Words


def _during(window: Window) -> Bind:
    def bind(facts: Facts) -> ValueTest:
        bounds = window.range(facts.now_ms, facts.zone)
        if bounds is None:
            return unknown
        (start, end), zone = bounds, facts.zone

        def run(data: object) -> Truth:
            at = instant_in(zone, data)
            return None if at is None else start <= at < end

        return run

    return bind


OPERATORS = (
    Operator(
        "during",
        WINDOW,
        Situated(_during, lambda window: frozenset({FactKind.CLOCK})),
        Words("falls {value}", "的日期在{value}"),
        Words("is a date that does not fall {value}", "为日期且不在{value}"),
        reads=types.DATES,
    ),
)
