"""Orders from what was said of them, worth what the rates say that are in force."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from chassis.database import Tx

from profile_service.domain.orders import Order, Statement, fold_order, rates_wanted
from profile_service.events import published
from profile_service.store import exchange_rates, identifiers, orders, revaluations
from profile_service.store.orders import Key


class Valued(NamedTuple):
    order: Order
    version: int
    missing: str
    """A currency without a rate that could be used; empty when there is none."""


async def value_orders(tx: Tx, known: Mapping[Key, Sequence[Statement]], home: str) -> dict[Key, Valued]:
    """Saves those of the orders that something has placed. They are held by the transaction."""
    wanted = {key: rates_wanted(said, home) for key, said in known.items()}
    foreign = {key: some for key, some in wanted.items() if some}
    rates = await exchange_rates.in_force(tx, home, set().union(*foreign.values()))
    if foreign:
        await revaluations.hang_on(tx, foreign)
    changed = {key: order for key, said in known.items() if (order := fold_order(said, rates)) is not None}
    versions = await orders.save(tx, changed) if changed else {}
    return {
        key: Valued(
            order,
            versions[key],
            _missing(order) or next((c for c, day in sorted(wanted[key]) if rates.of(c, day) is None), ""),
        )
        for key, order in changed.items()
    }


def _missing(order: Order) -> str:
    said = order.original
    return said.currency if said is not None and said.rate is None else ""


async def tell_anew(tx: Tx, known: Mapping[Key, Sequence[Statement]], now: datetime) -> list[bytes]:
    """Works the orders out again; what follows for PROFILE, as history."""
    valued = await value_orders(tx, known, await exchange_rates.home(tx))
    members = await identifiers.current(tx, {key.identity_id for key in valued})
    return [
        published.order_found(
            one.order, entries_of(one.order, known[key]), one.version, now, members[key.identity_id]
        )
        for key, one in valued.items()
    ]


def entries_of(order: Order, said: Iterable[Statement]) -> list[published.Entry]:
    """What each event that may have placed the order is worth: all of it hangs on the first, which another event may
    have been taken for before."""
    first = published.Entry(order.event_id, order.ordered_at, order.net_minor, order.counts)
    others = [
        published.Entry(s.event_id, s.at, 0, False)
        for s in said
        if s.kind in ("completed", "updated") and s.event_id != order.event_id
    ]
    return [first, *others]
