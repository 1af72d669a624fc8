"""Which facts a rule looks at, and what that costs."""

from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum

from rules._windows import Window


class FactKind(StrEnum):
    """The fields of `Facts`; `clock` is the moment and the person's zone."""

    TRAITS = "traits"
    EVENT_STATES = "event_states"
    EVENTS = "events"
    TRAIT_CHANGES = "trait_changes"
    TAGS = "tags"
    SEGMENTS = "segments"
    SCORES = "scores"
    RFM = "rfm"
    STAGES = "stages"
    CONSENTS = "consents"
    PERSON_ID = "person_id"
    JOURNEYS = "journeys"
    MESSAGES = "messages"
    ACCOUNT = "account"
    THRESHOLDS = "thresholds"
    CLOCK = "clock"


SUMMARY = frozenset({FactKind.TRAITS, FactKind.EVENT_STATES})
"""What can be answered from a person's traits and the lifetime state of each event, whatever the time."""
LOADED = SUMMARY | {FactKind.CONSENTS}
"""What is loaded where rules are asked about everybody: what looks at more is refused there."""

Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """A fact by kind and name. `window`, for events and messages: nothing outside it matters; None: everything does.

    `at` leads from the node to what needs the fact, `named_at` to its name; neither is part of the need.
    """

    kind: FactKind
    name: str = ""
    window: Window | None = None
    at: Steps = field(default=(), compare=False)
    named_at: Steps = field(default=(), compare=False)

    def under(self, *steps: str | int) -> "Need":
        """The same, seen from a node further up."""
        return replace(self, at=(*steps, *self.at), named_at=(*steps, *self.named_at))


class Cost(IntEnum):
    """What it takes to answer for one person, cheapest first."""

    SUMMARY = 0
    """Traits, event states, the person's id, the time."""
    RESULTS = 1
    """Rows that other planners keep: tags, segments, scores, stages, consents, runs, changes of traits."""
    RECENT = 2
    """Single events or messages inside a window."""
    LIFETIME = 3
    """Single events or messages of all time."""
    ACCOUNT = 4
    """Other people."""


_CHEAP = SUMMARY | {FactKind.PERSON_ID, FactKind.CLOCK, FactKind.THRESHOLDS}


def cost_of_need(need: Need) -> Cost:
    if need.kind is FactKind.ACCOUNT:
        return Cost.ACCOUNT
    if need.kind in (FactKind.EVENTS, FactKind.MESSAGES):
        return Cost.LIFETIME if need.window is None else Cost.RECENT
    return Cost.SUMMARY if need.kind in _CHEAP else Cost.RESULTS
