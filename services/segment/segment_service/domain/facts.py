"""What is known of an identity and of a person, and how one becomes the other.

Everything here commutes: counts add, first and last are a minimum and a maximum, and of two values of a trait the one
with the later stamp wins. So the order of arrival and the batching never show in the result.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from rules import EventState, Facts

Stamp: TypeAlias = tuple[int, str]
"""When a trait was set: event time in milliseconds since 1970, then the record's id to break ties."""


@dataclass(slots=True)
class Traits:
    """Values with their stamps. A removed trait keeps its stamp, so that an older value cannot come back."""

    values: dict[str, Any] = field(default_factory=dict)
    stamps: dict[str, Stamp] = field(default_factory=dict)

    def take(self, values: Mapping[str, Any], stamp: Stamp) -> frozenset[str]:
        """Takes what is newer; the names of the traits that it touched. None removes a trait."""
        newer = frozenset(name for name in values if self._is_newer(name, stamp))
        for name in newer:
            self._set(name, values[name], stamp)
        return newer

    def absorb(self, other: "Traits") -> None:
        for name, stamp in other.stamps.items():
            if self._is_newer(name, stamp):
                self._set(name, other.values.get(name), stamp)

    def _is_newer(self, name: str, stamp: Stamp) -> bool:
        known = self.stamps.get(name)
        return known is None or stamp > known

    def _set(self, name: str, value: Any, stamp: Stamp) -> None:
        self.stamps[name] = stamp
        if value is None:
            self.values.pop(name, None)
        else:
            self.values[name] = value


@dataclass(slots=True)
class Known:
    """Event states and traits, of one identity or folded for a person."""

    events: dict[str, EventState] = field(default_factory=dict)
    traits: Traits = field(default_factory=Traits)

    def count(self, name: str, state: EventState) -> None:
        self.events[name] = joined(self.events.get(name), state)

    def as_facts(self) -> Facts:
        """A live view: what is taken in later shows in it."""
        return Facts(self.traits.values, self.events)


def once(event_ms: int) -> EventState:
    """The state of an event that happened a single time."""
    return EventState(1, event_ms, event_ms)


def joined(one: EventState | None, other: EventState) -> EventState:
    """Both states as one; a time that is not known gives way to one that is."""
    if one is None:
        return other
    return EventState(
        one.count + other.count,
        min((ms for ms in (one.first_ms, other.first_ms) if ms is not None), default=None),
        max((ms for ms in (one.last_ms, other.last_ms) if ms is not None), default=None),
    )


def fold(identities: Iterable[Known]) -> Known:
    """The person that these identities are."""
    person = Known()
    for identity in identities:
        for name, state in identity.events.items():
            person.count(name, state)
        person.traits.absorb(identity.traits)
    return person
