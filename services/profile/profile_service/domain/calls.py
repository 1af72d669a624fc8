"""An accepted call as the planners see it. What exists once an event is a named tuple: made five times as fast."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from profile_service.domain.identifiers import Identifier

Key = tuple[str, str, bytes]
"""(type, scope, value key): how an identifier is looked up."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Something about a record that its sender should know. `reason` is stable, `detail` is for people."""

    kind: str
    reason: str
    path: str
    event_name: str
    message_id: str
    detail: str


class ContactPoint(NamedTuple):
    type: str
    address: str


class Joined(NamedTuple):
    """What a group call says about the account that its person is of."""

    account_id: str
    traits: Mapping[str, Any]
    held_traits: Mapping[str, Any]


class Call(NamedTuple):
    """One record of INGEST, normalised. Strongest identifier first; none means that it cannot be stored."""

    message_id: str
    event_name: str
    """Empty when the call says something about a person but is no event."""
    identifiers: tuple[Identifier, ...]
    at: int
    """Event time, in milliseconds since 1970."""
    accepted: int
    historical: bool
    traceparent: str
    org_unit_id: str
    source: str
    properties: bytes
    held_properties: Mapping[str, Any]
    traits: Mapping[str, Any]
    traits_json: bytes
    """The same, encoded: it is stored and sent as it is."""
    held_traits: Mapping[str, Any]
    contact_points: tuple[ContactPoint, ...]
    issues: tuple[Issue, ...] = ()
    record: bytes = b""
    """As it came, for the dead letter."""
    joined: Joined | None = None
    claims: tuple[Identifier, ...] = ()
    """Named and not verified, but for addresses, which are contact points."""
