"""Takes a batch of PROFILE in: who is who, who may be profiled, completed orders, and what became of them."""

from collections.abc import Sequence

import consents
import people
from chassis.database import Tx

from scoring_service.domain.heard import Heard, newest_corrections, orders_of, plan_appends
from scoring_service.store import orders


async def take_orders(tx: Tx, heard: Sequence[Heard]) -> None:
    # Orders are kept per identity, under a lock of their own: nobody has to stay who they are meanwhile.
    await people.settle(tx, (m for record in heard for m in record.memberships), holding=())
    await consents.take(tx, (entry for record in heard for entry in record.consents))
    found = orders_of(heard)
    corrections = newest_corrections(heard)
    if not found and not corrections:
        return
    await orders.lock(tx, {o.identity_id for o in found.values()} | {c.identity_id for c in corrections})
    if found:
        known = await orders.known_events(tx, found.values())
        await orders.append(tx, plan_appends(found, known))
    if corrections:
        await orders.correct(tx, corrections)
