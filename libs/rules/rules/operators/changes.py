"""`changed` and `changed_to`: how a trait came to its value.

`{"op": "changed", "value": "7d"}`: at least one change in the window; getting a first value and losing it are changes
too, so "not changed in 30 days" is "has had this value for 30 days". `{"op": "changed_to", "value": {"to": …, "from": …,
"within": …}}`: at least one change to that value (from that other one, in that window). A trait of which no change is
known has not changed; both are unknown where changes are not loaded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from rules._facts import Facts, TraitChange
from rules._logic import Truth
from rules._needs import FactKind
from rules._operands import A_SCALAR, SCALAR, WINDOW, Operand
from rules._operator import Bind, Operator, Situated, ValueTest, unknown
from rules._reading import Place, Reason
from rules._values import Scalar, among
from rules._windows import SCHEMA as WINDOW_SCHEMA
from rules._windows import Range, Window, read_window
from rules._words import Words, literal

_EVER: Range = (-(10**18), 10**18)
_TO = Words("to {to}", "变为{to}")
_FROM_TO = Words("from {start} to {to}", "从{start}变为{to}")


@dataclass(frozen=True, slots=True)
class Change:
    to: Scalar
    start: Scalar | None = None
    within: Window | None = None

    def render(self) -> Any:
        if self.start is None and self.within is None:
            return self.to.raw
        start = {} if self.start is None else {"from": self.start.raw}
        within = {} if self.within is None else {"within": self.within.render()}
        return {"to": self.to.raw} | start | within

    def say(self) -> Words:
        form = _TO if self.start is None else _FROM_TO
        said = form.about(to=literal(self.to), start=literal(self.start or self.to))
        if self.within is None:
            return said
        window = self.within.say()
        return Words(f"{said.en} {window.en}", f"{window.zh}{said.zh}")


def _read(place: Place, data: object) -> Change | None:
    """A scalar alone is short for `{"to": scalar}`."""
    if not isinstance(data, dict):
        to = SCALAR.read(place, data)
        return None if to is None else Change(to)
    if "to" not in data or not set(data) <= {"to", "from", "within"}:
        place.refuse(
            Reason.BAD_VALUE, f'expected {A_SCALAR}, or {{"to": value, "from": value, "within": window}}'
        )
        return None
    to = SCALAR.read(place.at("to"), data["to"])
    start = SCALAR.read(place.at("from"), data["from"]) if "from" in data else None
    within = read_window(place.at("within"), data["within"]) if "within" in data else None
    whole = ("from" not in data or start is not None) and ("within" not in data or within is not None)
    return Change(to, start, within) if to is not None and whole else None


def _in_window(window: Window | None, facts: Facts) -> Range | None:
    return _EVER if window is None else window.range(facts.now_ms, facts.zone)


def _changed(window: Window) -> Bind:
    def bind(facts: Facts) -> ValueTest:
        bounds = _in_window(window, facts)
        if bounds is None:
            return unknown
        start, end = bounds
        return lambda data: any(start <= each.at_ms * 1_000 < end for each in _changes(data))

    return bind


def _changed_to(change: Change) -> Bind:
    is_to = among([change.to])
    is_start = None if change.start is None else among([change.start])

    def bind(facts: Facts) -> ValueTest:
        bounds = _in_window(change.within, facts)
        if bounds is None:
            return unknown
        start, end = bounds

        def run(data: object) -> Truth:
            return any(
                start <= each.at_ms * 1_000 < end
                and is_to(each.after)
                and (is_start is None or is_start(each.before))
                for each in _changes(data)
            )

        return run

    return bind


def _changes(data: object) -> Sequence[TraitChange]:
    return cast(Sequence[TraitChange], data)


def _needs(window: Window | None) -> frozenset[FactKind]:
    clock = {FactKind.CLOCK} if window is not None and window.needs_clock else set()
    return frozenset({FactKind.TRAIT_CHANGES} | clock)


_CHANGE: Operand[Change] = Operand(
    A_SCALAR,
    _read,
    {
        "anyOf": [
            {"type": ["string", "number", "boolean"]},
            {
                "type": "object",
                "required": ["to"],
                "additionalProperties": False,
                "properties": {"to": SCALAR.schema, "from": SCALAR.schema, "within": WINDOW_SCHEMA},
            },
        ]
    },
    equates=False,
    render=Change.render,
    say=Change.say,
)
OPERATORS = (
    Operator(
        "changed",
        WINDOW,
        Situated(_changed, _needs, reads_changes=True),
        Words("changed {value}", "在{value}有变化"),
        Words("did not change {value}", "在{value}没有变化"),
    ),
    Operator(
        "changed_to",
        _CHANGE,
        Situated(_changed_to, lambda change: _needs(change.within), reads_changes=True),
        Words("changed {value}", "有过{value}的变化"),
        Words("never changed {value}", "没有过{value}的变化"),
    ),
)
