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
            if wanted is None or not _equal(lookup(event.properties, in_event), wanted):
                return False
        return rules.match(self.where, event.properties)


def read_match(config: Reader) -> EventMatch:
    """`{"event", "where"?, "match"?: [{"event": path, "context": "entry.<path>"}]}`."""
    same: list[tuple[str, str]] = []
    for pair in config.children("match"):
        context, path = pair.text("context"), pair.text("event")
        if path and not is_path(path):
            pair.note("event", "bad_value", "expected the dotted path of a property of the event")
        if context and not (context.startswith(_ENTRY) and is_path(context)):
            pair.note(
                "context",
                "bad_value",
                "expected entry.<property>, a property of the event that started the run",
            )
        same.append((path, context.removeprefix(_ENTRY)))
        pair.done()
    found = EventMatch(config.text("event"), config.predicates("where"), tuple(same))
    config.done()
    return found


def is_path(text: str) -> bool:
    """Of members by name; elements of lists (`[]`) cannot be named yet, so they would match nothing."""
    return all(text.split(".")) and "[]" not in text


def lookup(data: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path; None when there is none."""
    value: Any = data
    for part in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def _equal(one: Any, other: Any) -> bool:
    """As in the rule language: a boolean is not a number."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
