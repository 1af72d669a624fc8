"""What a message is, and how far along it can be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID


class MessageState(StrEnum):
    QUEUED = "queued"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DELIVERED = "delivered"
    FAILED = "failed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"

    @property
    def rank(self) -> int:
        """A message only ever moves to a higher rank; so the first final state wins."""
        return _RANK[self]

    @property
    def final(self) -> bool:
        return self.rank >= _FINAL


_FINAL = 3
_RANK = {
    MessageState.QUEUED: 0,
    MessageState.UNKNOWN: 1,
    MessageState.ACCEPTED: 2,
    MessageState.REFUSED: _FINAL,
    MessageState.DELIVERED: _FINAL,
    MessageState.FAILED: _FINAL,
    MessageState.BOUNCED: _FINAL,
    # Only who got it can complain: it comes after whatever a server said.
    MessageState.COMPLAINED: _FINAL + 1,
}


class AttemptState(StrEnum):
    """One provider call: announced, under way, and what came of it."""

    RESERVED = "reserved"
    CALLING = "calling"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Account:
    """Where messages of one channel leave a workspace; the unit of claims and of rate limits."""

    workspace_id: UUID
    channel: str
    name: str


class Scope(NamedTuple):
    """What consent is asked about."""

    purpose: str
    topic: str = ""
    org_unit_id: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether it asks about less than the whole purpose."""
        return bool(self.topic or self.org_unit_id)


@dataclass(frozen=True, slots=True)
class Intention:
    """What a journey or a caller wants to say to one person."""

    bucket: int
    message_id: UUID
    key: str
    """`run:sequence` for a journey."""
    identity_id: UUID
    profile_id: UUID
    profile_no: int
    identity_version: int
    channel: str
    content_id: str
    purpose: str
    variables: Mapping[str, Any]
    not_after: datetime
    journey_id: str
    node_id: str
    run_id: str
    run_sequence: int
    trigger_id: str
    historical: bool
    traceparent: str
    topic: str = ""
    org_unit_id: str = ""

    @property
    def scope(self) -> Scope:
        return Scope(self.purpose, self.topic, self.org_unit_id)


@dataclass(frozen=True, slots=True)
class Claimed:
    """An intention in the hands of this sender, as attempt `number`."""

    intention: Intention
    number: int
    due: float
    """The slot at which the provider may be called, in seconds of the event loop's clock."""


@dataclass(frozen=True, slots=True)
class Contact:
    """An address as profile knows it now."""

    key: bytes
    """Blind index of the address."""
    address: str
    person: bytes = b"\0" * 16
    """Bytes of the id of the person that it is of today."""
    refusals: Mapping[Scope, str] = field(default_factory=dict)
    """What was asked about → why nothing may be sent for it, empty when it may."""
    version: int | None = None
    """Of what was told of consents, the newest that the refusals of narrow scopes take into account; None: not known."""


def mask(address: str) -> str:
    """Enough to recognise an address one knows, too little to learn one: `+86138****5678`, `z***@example.com`."""
    local, at, domain = address.rpartition("@")
    if at:
        return f"{local[:1]}***@{domain}"
    shown = min(4, len(address) // 3)
    front = min(6, max(0, len(address) - shown - 4))
    return f"{address[:front]}****{address[len(address) - shown :]}"
