"""What a PROFILE record says, in our own words: named tuples, because they are made for every record."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from consents import Entry
from people import Membership


class Cause(NamedTuple):
    """The record behind a change; what its effects inherit. Times in milliseconds since 1970."""

    record_id: str
    event_ms: int
    accept_ms: int
    historical: bool
    traceparent: str = ""
    org_unit_id: str = ""


class EventFact(NamedTuple):
    event_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class TraitsFact:
    values: Mapping[str, Any]
    """None removes the trait."""
    rank: int = 0
    """Of the source that said so."""
    keep_all: Collection[str] = ()
    """Traits that keep their other values."""


class ConsentFact(NamedTuple):
    """An entry of the ledger, under each identity that it was recorded for."""

    entries: Sequence[Entry]


class EventMoved(NamedTuple):
    """The event is this identity's, and not the one's that it was published under."""

    event_id: UUID
    name: str
    from_identity_id: UUID


News: TypeAlias = EventFact | TraitsFact | ConsentFact
Fact: TypeAlias = News | EventMoved


class Heard(NamedTuple):
    """One record. `memberships` starts with the person it is about; a merge adds every identity that moved."""

    cause: Cause
    memberships: tuple[Membership, ...]
    fact: Fact | None = None

    @property
    def identity_id(self) -> UUID:
        return self.memberships[0].identity_id
