"""`{"ago": "30d"}`, `{"ahead": "7d"}`, `{"start_of": "last_month"}`: moments told from now."""

from dataclasses import dataclass
from typing import Any, ClassVar

from rules._facts import Facts
from rules._instants import rfc3339
from rules._needs import FactKind, Need
from rules._reading import Place, Reason, guess, listed
from rules._reference import Reference
from rules._spans import EXPECTED, Span, span_of
from rules._spans import SCHEMA as SPAN_SCHEMA
from rules._windows import PERIODS, Calendar
from rules._words import Words

_CLOCK = (Need(FactKind.CLOCK),)
_AGO = Words("{span} ago", "{span}前")
_AHEAD = Words("{span} from now", "{span}后")
_NOW = Words("now", "现在")
_START = Words("the start of {period}", "{period}开始")


def _shifted(facts: Facts, span: Span, sign: int) -> str | None:
    if facts.now_ms is None:
        return None
    instant = span.shift(facts.now_ms * 1_000, sign, facts.zone)
    return None if instant is None else rfc3339(instant)


def _read_span(place: Place, data: object) -> Span | None:
    span = span_of(data)  # here "0d" is allowed: it is now
    if span is None:
        place.refuse(Reason.BAD_VALUE, f"expected {EXPECTED}")
    return span


@dataclass(frozen=True, slots=True)
class Ago(Reference):
    KEY: ClassVar[str] = "ago"
    SCHEMA: ClassVar[dict[str, Any]] = SPAN_SCHEMA
    LABEL: ClassVar[Words] = Words("a time ago", "若干时间前")
    span: Span

    @classmethod
    def read(cls, place: Place, data: object) -> "Ago | None":
        span = _read_span(place, data)
        return None if span is None else cls(span)

    def render(self) -> str:
        return self.span.text

    def resolve(self, facts: Facts) -> object:
        return _shifted(facts, self.span, -1)

    def say(self) -> Words:
        return _AGO.about(span=self.span.say()) if self.span.number else _NOW

    def needs(self) -> tuple[Need, ...]:
        return _CLOCK


@dataclass(frozen=True, slots=True)
class Ahead(Reference):
    KEY: ClassVar[str] = "ahead"
    SCHEMA: ClassVar[dict[str, Any]] = SPAN_SCHEMA
    LABEL: ClassVar[Words] = Words("a time from now", "若干时间后")
    span: Span

    @classmethod
    def read(cls, place: Place, data: object) -> "Ahead | None":
        span = _read_span(place, data)
        return None if span is None else cls(span)

    def render(self) -> str:
        return self.span.text

    def resolve(self, facts: Facts) -> object:
        return _shifted(facts, self.span, 1)

    def say(self) -> Words:
        return _AHEAD.about(span=self.span.say()) if self.span.number else _NOW

    def needs(self) -> tuple[Need, ...]:
        return _CLOCK


@dataclass(frozen=True, slots=True)
class StartOf(Reference):
    KEY: ClassVar[str] = "start_of"
    SCHEMA: ClassVar[dict[str, Any]] = {"enum": list(PERIODS)}
    LABEL: ClassVar[Words] = Words("the start of a period", "某个时段的开始")
    period: Calendar

    @classmethod
    def read(cls, place: Place, data: object) -> "StartOf | None":
        if not isinstance(data, str) or data not in PERIODS:
            hint = guess(data, PERIODS) if isinstance(data, str) else ""
            place.refuse(Reason.BAD_VALUE, f"expected one of {listed(PERIODS)}{hint}")
            return None
        return cls(Calendar(data))

    def render(self) -> str:
        return self.period.period

    def resolve(self, facts: Facts) -> object:
        bounds = self.period.range(facts.now_ms, facts.zone)
        return None if bounds is None else rfc3339(bounds[0])

    def say(self) -> Words:
        return _START.about(period=self.period.say())

    def needs(self) -> tuple[Need, ...]:
        return _CLOCK


REFERENCES = (Ago, Ahead, StartOf)
