"""What a rule is asked about: what is known of one person at one moment.

A caller gives what it loads and leaves the rest: None says "not loaded", and what a rule needs of it is unknown; an
empty mapping or list says "there is none". `rules.needs` tells beforehand which of these a rule looks at.
"""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any


@dataclass(frozen=True, slots=True)
class EventState:
    """How often an event happened, and when first and last (milliseconds since 1970 UTC; None: not known)."""

    count: int
    first_ms: int | None = None
    last_ms: int | None = None


NEVER = EventState(0)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: its time (milliseconds since 1970 UTC) and properties. `id` orders events of one millisecond."""

    at_ms: int
    properties: Mapping[str, Any] = field(default_factory=dict)
    id: str = ""


@dataclass(frozen=True, slots=True)
class TraitChange:
    """A trait became another value (milliseconds since 1970 UTC); None: it was, or is now, missing."""

    at_ms: int
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class TagState:
    """A tag that the person carries now. `weight` and `confidence` run from 0 to 1; None: not known."""

    weight: float | None = None
    confidence: float | None = None
    source: str = ""
    set_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent that is in force. An empty topic: for the purpose as a whole."""

    channel: str
    purpose: str
    topic: str = ""


@dataclass(frozen=True, slots=True)
class MessageState:
    """A message reached a state (`sent`, `delivered`, `opened`, `clicked` …) at a time (milliseconds since 1970 UTC).

    `about` holds what it was: `journey`, `campaign`, `channel`, `content`.
    """

    at_ms: int
    state: str
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(
    slots=True
)  # not frozen: one is made for every person of every batch, and that would treble the cost
class Facts:
    """`events` are states over the whole lifetime; `history` holds single events by name, in any order, at least as
    far back as the rule's needs say. `zone` is the person's. `rfm` is model → scheme → group, `stages` model → stage,
    `thresholds` name → percentile (1 to 99) → published value. `account` are the people of the person's account, the
    person among them."""

    traits: Mapping[str, Any] = field(default_factory=dict)
    events: Mapping[str, EventState] = field(default_factory=dict)
    now_ms: int | None = None
    zone: tzinfo = UTC
    history: Mapping[str, Sequence[Happening]] | None = None
    changes: Mapping[str, Sequence[TraitChange]] | None = None
    tags: Mapping[str, TagState] | None = None
    segments: Collection[str] | None = None
    scores: Mapping[str, float] | None = None
    rfm: Mapping[str, Mapping[str, str]] | None = None
    stages: Mapping[str, str] | None = None
    consents: Container[Consent] | None = None
    person_id: str | None = None
    journeys: Collection[str] | None = None
    messages: Sequence[MessageState] | None = None
    account: "Sequence[Facts] | None" = None
    thresholds: Mapping[str, Mapping[int, float]] | None = None


NOBODY = Facts()


def state_of(happenings: Iterable[Happening]) -> EventState:
    """The lifetime state that these events add up to."""
    times = [each.at_ms for each in happenings]
    return EventState(len(times), min(times, default=None), max(times, default=None))
