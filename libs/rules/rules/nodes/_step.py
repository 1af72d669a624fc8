"""One step of a sequence: an event, which of them, and how soon after the step before."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rules._facts import Facts, Happening
from rules._needs import Need
from rules._predicates import read_predicate
from rules._reading import Place, Reason, read_name
from rules._schema import Fault, Schema
from rules._spans import SCHEMA as SPAN_SCHEMA
from rules._spans import Span, read_span
from rules._where import Where, read_where
from rules._words import Words, name

_WHERE = Words(" where ({where})", "（其中{where}）")
_AFTER = Words("{event} at most {span} later", " {span}内{event}")
_SILENT = Words("", "")
BARRED_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["event"],
    "additionalProperties": False,
    "properties": {"event": {"type": "string", "minLength": 1}, "where": {"type": "array", "minItems": 1}},
}
SCHEMA: dict[str, Any] = BARRED_SCHEMA | {"properties": BARRED_SCHEMA["properties"] | {"within": SPAN_SCHEMA}}


@dataclass(frozen=True, slots=True)
class Step:
    event: str
    where: Where | None = None
    within: Span | None = None

    @classmethod
    def read(cls, place: Place, data: object, timed: bool) -> "Step | None":
        if not isinstance(data, dict) or not all(isinstance(key, str) for key in data) or "event" not in data:
            place.refuse(
                Reason.NOT_AN_OBJECT, 'expected {"event": name}, with "where" or "within" if need be'
            )
            return None
        place.check_keys(data, {"event", "where", "within"} if timed else {"event", "where"})
        event = read_name(place.at("event"), data["event"], "the name of an event")
        where = read_where(place.at("where"), data["where"], read_predicate) if "where" in data else None
        within = read_span(place.at("within"), data["within"]) if timed and "within" in data else None
        if within is not None and within.exact is None:
            place.at("within").refuse(
                Reason.BAD_VALUE, "between steps months and years have no one length; give days or weeks"
            )
        return None if event is None else cls(event, where, within)

    def render(self) -> dict[str, Any]:
        where = {} if self.where is None else {"where": self.where.render()}
        within = {} if self.within is None else {"within": self.within.text}
        return {"event": self.event} | where | within

    @property
    def longest(self) -> int | None:
        """Microseconds after the step before; None: however long."""
        return None if self.within is None else self.within.exact

    def choose(self) -> Callable[[Facts, Sequence[Happening]], list[Happening]]:
        bind = None if self.where is None else self.where.bind()

        def run(facts: Facts, happenings: Sequence[Happening]) -> list[Happening]:
            if bind is None:
                return list(happenings)
            test = bind(facts)
            return [each for each in happenings if test(each.properties) is True]

        return run

    def say(self) -> Words:
        where = _SILENT if self.where is None else _WHERE.about(where=self.where.say().words)
        event = name(self.event)
        said = Words(event.en + where.en, event.zh + where.zh)
        return said if self.within is None else _AFTER.about(event=said, span=self.within.say())

    def needs(self) -> tuple[Need, ...]:
        return () if self.where is None else self.where.needs()

    def faults(self, schema: Schema) -> Iterable[Fault]:
        properties = None if schema.events is None else schema.events.get(self.event)
        if properties is None or self.where is None:
            return ()
        return self.where.faults(properties, f'"{self.event}"')
