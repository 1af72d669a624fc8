"""What a rule is asked about: one person's traits and the lifetime state of each event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class EventState:
    """How often an event happened, and when first and last (milliseconds since 1970 UTC; None: not known)."""

    count: int
    first_ms: int | None = None
    last_ms: int | None = None


NEVER = EventState(0)


@dataclass(frozen=True, slots=True)
class Facts:
    traits: Mapping[str, Any] = field(default_factory=dict)
    events: Mapping[str, EventState] = field(default_factory=dict)
