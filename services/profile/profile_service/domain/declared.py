"""What a workspace has declared about its data: how much sources are worth, which traits keep all their values, what
events must look like and what is personal."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from survivorship import rank_of

from profile_service.domain.money import DEFAULT_CURRENCY

Mode: TypeAlias = Literal["allow", "warn", "block"]
Check: TypeAlias = Callable[[Any], "list[Fault]"]
"""Properties → what is wrong with them, at most MOST_FAULTS."""
MOST_FAULTS = 5
"""Of one call."""


class Fault(NamedTuple):
    """What is wrong with a property; never its value."""

    path: str
    """JSON pointer into the properties."""
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Personal:
    """Keys of traits and properties, in lower case, that are otherwise than the shipped list says."""

    added: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()

    def may_be_in(self, raw: bytes) -> bool:
        """A cheap look at encoded JSON: false means that no key of ours is there."""
        low = raw.lower()
        return any(key.encode() in low for key in self.added)


@dataclass(frozen=True, slots=True)
class EventSchema:
    check: Check
    named: frozenset[str]
    """Properties that the schema speaks of."""
    mode: Mode
    unknown: Mode


@dataclass(frozen=True, slots=True)
class Declared:
    ranks: Mapping[str, int] = field(default_factory=dict)
    """By source; one that is missing has rank 0."""
    keep_all: frozenset[str] = frozenset()
    schemas: Mapping[str, EventSchema] = field(default_factory=dict)
    undeclared: Mode = "allow"
    personal: Personal = Personal()
    currency: str = DEFAULT_CURRENCY

    @property
    def checks_events(self) -> bool:
        return bool(self.schemas) or self.undeclared != "allow"


NOTHING = Declared()


def ranks_of(sources: Iterable[tuple[str, int, bool]]) -> dict[str, int]:
    """(name, priority, verified) → rank; those of rank 0 are left out."""
    return {name: rank for name, priority, verified in sources if (rank := rank_of(priority, verified))}
