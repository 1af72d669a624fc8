"""Which event a wait or an entry means: its name, predicates over its properties, and equality with the entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rules

from journey_service.domain.problems import Reader
from journey_service.domain.run import Event

_ENTRY = "entry."


@dataclass(frozen=True, slots=True)
class EventMatch:
    event: str
    where: tuple[rules.Predicate, ...]
    same: tuple[tuple[str, str], ...]
    """(path in the event's properties, path in the entry's)."""

    def holds(self, event: Event, entry: Mapping[str, Any]) -> bool:
        if event.name != self.event:
            return False
        for in_event, in_entry in self.same:
            wanted = lookup(entry, in_entry)
            if wanted is None or lookup(event.properties, in_event) != wanted:
                return False
        return rules.match(self.where, event.properties)


def read_match(config: Reader) -> EventMatch:
    """`{"event", "where"?, "match"?: [{"event": path, "context": "entry.<path>"}]}`."""
    same: list[tuple[str, str]] = []
    for pair in config.children("match"):
        context = pair.text("context")
        if not context.startswith(_ENTRY):
            pair.note(
                "context",
                "bad_value",
                "expected entry.<property>, a property of the event that started the run",
            )
        same.append((pair.text("event"), context.removeprefix(_ENTRY)))
        pair.done()
    found = EventMatch(config.text("event"), config.predicates("where"), tuple(same))
    config.done()
    return found


def lookup(data: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; None when there is none."""
    value: Any = data
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value
