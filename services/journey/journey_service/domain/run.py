"""A run, what is known when it is looked at, and what a node can decide."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """A point on a person's time line: event time, then event id."""

    at: datetime
    id: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    event_id: str
    identity_id: UUID
    name: str
    moment: Moment
    accepted_at: datetime
    properties: Mapping[str, Any]


class Recorded(NamedTuple):
    """An event as it is stored; `properties` is JSON text, read only when somebody looks back on it."""

    identity_id: UUID
    event_id: str
    name: str
    event_time: datetime
    accept_time: datetime
    properties: str


@dataclass(frozen=True, slots=True)
class MessageOutcome:
    """What became of the intention issued at `sequence`. `reason` is empty when the provider took the message."""

    sequence: int
    sent: bool
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    run_id: UUID
    journey_id: str
    version: int
    profile_id: UUID
    identity_id: UUID
    entry_key: str
    trigger_id: str
    state: str
    """active, exited or frozen."""
    node_id: str
    sequence: int
    """Of the step that brought it to `node_id`; grows by one a transition."""
    opened: Moment
    """Since when the node looks at events; the id names those of that instant that were used up, with spaces between."""
    memory: Mapping[str, Any]
    """What the node remembers between looks."""
    entry: Mapping[str, Any]
    """Properties of the event that started it."""
    entered_at: datetime
    historical: bool
    traceparent: str
    org_unit_id: str
    wake_at: datetime | None = None
    exited_at: datetime | None = None
    exit_reason: str = ""
    frozen_by: UUID | None = None
    """Identity of the run that goes on in its place while both are of one person."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a node may look at: the person's events after `run.opened` in order, and the news of its message."""

    now: datetime
    events: tuple[Event, ...] = ()
    outcome: MessageOutcome | None = None


@dataclass(frozen=True, slots=True)
class Intention:
    """What to say; addressed and sent by dispatch."""

    channel: str
    content_id: str
    purpose: str
    topic: str
    org_unit_id: str
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Stay. `wake_at` None: only news moves the run."""

    wake_at: datetime | None
    memory: Mapping[str, Any] = field(default_factory=dict)
    intention: Intention | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """Go on by the way out `outcome`, as of `moment`. `inputs` says why, for people."""

    outcome: str
    moment: Moment
    inputs: Mapping[str, Any] = field(default_factory=dict)
    to_node_id: str = ""
    """Overrides the definition's next for this way out."""


@dataclass(frozen=True, slots=True)
class Exit:
    reason: str
    inputs: Mapping[str, Any] = field(default_factory=dict)


Decision = Wait | Pass | Exit
