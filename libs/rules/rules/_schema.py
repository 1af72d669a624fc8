"""What a workspace is known to have: names to look up and types to hold rules against."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from rules._needs import FactKind, Need, Steps
from rules._reading import Reason, guess
from rules._types import Type

Properties = Mapping[str, Type]


@dataclass(frozen=True, slots=True)
class Schema:
    """None: not known, so not checked. `events` holds the types of properties by path (`products[].price`), None for
    an event whose properties are not known; `stages` the stages of each model; `rfm` the groups by model and scheme."""

    traits: Mapping[str, Type] | None = None
    events: Mapping[str, Properties | None] | None = None
    tags: Collection[str] | None = None
    segments: Collection[str] | None = None
    scores: Collection[str] | None = None
    stages: Mapping[str, Collection[str]] | None = None
    rfm: Mapping[str, Mapping[str, Collection[str]]] | None = None
    journeys: Collection[str] | None = None
    thresholds: Collection[str] | None = None

    def names(self, kind: FactKind) -> Collection[str] | None:
        return {
            FactKind.TRAITS: self.traits,
            FactKind.TRAIT_CHANGES: self.traits,
            FactKind.EVENT_STATES: self.events,
            FactKind.EVENTS: self.events,
            FactKind.TAGS: self.tags,
            FactKind.SEGMENTS: self.segments,
            FactKind.SCORES: self.scores,
            FactKind.STAGES: self.stages,
            FactKind.RFM: self.rfm,
            FactKind.JOURNEYS: self.journeys,
            FactKind.THRESHOLDS: self.thresholds,
        }.get(kind)


@dataclass(frozen=True, slots=True)
class Fault:
    """What a schema has against a node; `at` leads from the node to it."""

    at: Steps
    reason: Reason
    detail: str


_NOUNS = {
    FactKind.TRAITS: "trait",
    FactKind.TRAIT_CHANGES: "trait",
    FactKind.EVENT_STATES: "event",
    FactKind.EVENTS: "event",
    FactKind.TAGS: "tag",
    FactKind.SEGMENTS: "segment",
    FactKind.SCORES: "score",
    FactKind.STAGES: "layering model",
    FactKind.RFM: "RFM model",
    FactKind.JOURNEYS: "journey",
    FactKind.THRESHOLDS: "published threshold",
}


def unknown_names(needs: Iterable[Need], schema: Schema) -> Iterable[Fault]:
    """The needs for something that the workspace does not have, each place once."""
    seen: set[Steps] = set()
    for need in needs:
        names = schema.names(need.kind)
        if need.name and names is not None and need.name not in names and need.named_at not in seen:
            seen.add(need.named_at)
            yield unknown(need.named_at, _NOUNS[need.kind], need.name, names)


def unknown(at: Steps, noun: str, name: str, known: Iterable[str]) -> Fault:
    return Fault(at, Reason.UNKNOWN_NAME, f'there is no {noun} "{name}"{guess(name, known)}')


def prefixed(faults: Iterable[Fault], *steps: str | int) -> Iterable[Fault]:
    for fault in faults:
        yield Fault((*steps, *fault.at), fault.reason, fault.detail)
