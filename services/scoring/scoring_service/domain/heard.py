"""What a PROFILE record says that matters here."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from consents import Entry, Scope
from people import Membership

PROFILING = Scope("", "profiling")


@dataclass(frozen=True, slots=True)
class Order:
    event_id: UUID
    identity_id: UUID
    at_ms: int
    """Milliseconds since 1970."""
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Correction:
    """What the event of an order counts for now, whatever the event itself says. A newer version replaces an older."""

    event_id: UUID
    identity_id: UUID
    at_ms: int
    amount_minor: int
    counts: bool
    version: int


@dataclass(frozen=True, slots=True)
class Heard:
    """One record: whom it is about, who else moved, and the order or the corrections it carries, if any."""

    memberships: tuple[Membership, ...]
    order: Order | None = None
    corrections: tuple[Correction, ...] = ()
    consents: Sequence[Entry] = ()
    """Of those that say whether somebody may be profiled."""


def orders_of(heard: Iterable[Heard]) -> dict[UUID, Order]:
    """Each order of the batch once."""
    orders: dict[UUID, Order] = {}
    for record in heard:
        if record.order is not None:
            orders.setdefault(record.order.event_id, record.order)
    return orders


def newest_corrections(heard: Iterable[Heard]) -> list[Correction]:
    """The newest of the batch for each event."""
    newest: dict[UUID, Correction] = {}
    for record in heard:
        for one in record.corrections:
            known = newest.get(one.event_id)
            if known is None or known.version < one.version:
                newest[one.event_id] = one
    return list(newest.values())


def plan_appends(orders: dict[UUID, Order], known: Collection[UUID]) -> list[Order]:
    """Orders to append: those whose event is not in the arrays yet."""
    return [order for event_id, order in orders.items() if event_id not in known]
