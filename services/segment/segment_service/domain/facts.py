"""What is known of an identity and of a person, and how one becomes the other.

Everything here commutes: counts add, first and last are a minimum and a maximum, and of two values of a trait the one
with the later stamp wins. So the order of arrival and the batching never show in the result.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from consents import PERSON, Entry, Scope, deciding
from rules import Consent, EventState, Facts
from survivorship import Stamp, Traits

from segment_service.domain.heard import Cause, TraitsFact


@dataclass(frozen=True, slots=True)
class Granted:
    """The consents that the entries of a person's identities grant. What they said of one address of theirs counts for
    them: whoever withdrew for one of two numbers has not consented."""

    entries: Sequence[Entry]

    def __contains__(self, asked: object) -> bool:
        if not isinstance(asked, Consent):
            return False
        scope = Scope(asked.channel, asked.purpose, asked.topic)
        points = {PERSON, *(entry.contact_key for entry in self.entries)}
        decided = [entry for p in points if (entry := deciding(self.entries, scope, p)) is not None]
        return bool(decided) and not any(entry.withdrawn for entry in decided)


@dataclass(slots=True)
class Known:
    """Event states, traits and entries of the ledger of consents, of one identity or folded for a person."""

    events: dict[str, EventState] = field(default_factory=dict)
    traits: Traits = field(default_factory=Traits)
    consents: list[Entry] = field(default_factory=list)

    def count(self, name: str, state: EventState) -> None:
        self.events[name] = joined(self.events.get(name), state)

    def as_facts(self) -> Facts:
        """A live view: what is taken in later shows in it."""
        return Facts(self.traits.values, self.events, consents=Granted(self.consents))


def stamp_of(cause: Cause, fact: TraitsFact) -> Stamp:
    """As profile stamps the statement: all of its records have the same words before the message id."""
    return Stamp(fact.rank, cause.event_ms, cause.record_id)


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
        person.consents += identity.consents
    return person
