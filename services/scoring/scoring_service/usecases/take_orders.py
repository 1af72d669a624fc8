"""Takes a batch of PROFILE in: who is who, and completed orders."""

from collections.abc import Sequence

import people
from chassis.database import Tx

from scoring_service.domain.heard import Heard, orders_of, plan_appends
from scoring_service.store import orders


async def take_orders(tx: Tx, heard: Sequence[Heard]) -> None:
    # Orders are kept per identity, under a lock of their own: nobody has to stay who they are meanwhile.
    await people.settle(tx, (m for record in heard for m in record.memberships), holding=())
    found = orders_of(heard)
    if not found:
        return
    await orders.lock(tx, [order.identity_id for order in found.values()])
    known = await orders.known_events(tx, found.values())
    await orders.append(tx, plan_appends(found, known))
