"""What a PROFILE record says that matters here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from people import Membership


@dataclass(frozen=True, slots=True)
class Order:
    event_id: UUID
    identity_id: UUID
    at_ms: int
    """Milliseconds since 1970."""
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Heard:
    """One record: whom it is about, who else moved, and the order it carries, if any."""

    memberships: tuple[Membership, ...]
    order: Order | None = None


def orders_of(heard: Iterable[Heard]) -> dict[UUID, Order]:
    """Each order of the batch once."""
    orders: dict[UUID, Order] = {}
    for record in heard:
        if record.order is not None:
            orders.setdefault(record.order.event_id, record.order)
    return orders


def plan_appends(orders: dict[UUID, Order], known: Collection[UUID]) -> list[Order]:
    """Orders to append: those whose event is not in the arrays yet."""
    return [order for event_id, order in orders.items() if event_id not in known]
