"""A rate of exchange that is stated late, or corrected, is taken by the orders of its days, and told.

What an order is worth hangs on what was said of it and on the rates, and on nothing else: neither on when it came nor
on when they did.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis import logs, metrics, workspace_lock
from chassis.bus import PARTITIONS
from chassis.clock import Clock
from chassis.database import FAILURES, Database, Tx
from chassis.errors import BrokerUnavailable
from chassis.ids import bucket_of
from chassis.lanes import LaneGate
from chassis.outbox import Outbox, Outgoing, Row

from profile_service.store import orders, revaluations
from profile_service.store.due_work import workspaces_due
from profile_service.store.orders import Key
from profile_service.usecases.value_orders import tell_anew

POLL_S = 5.0
PAGE = 200


class RevalueOrders:
    def __init__(self, database: Database, outbox: Outbox, clock: Clock, gate: LaneGate) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._gate = gate

    async def run(self) -> None:
        while not self._gate.closed:
            metrics.beat("order_worth")
            try:
                now = self._clock.now()
                for workspace_id in await workspaces_due(self._database, "order_revaluations", now):
                    while not self._gate.closed and await self.step(workspace_id):
                        pass
            except (BrokerUnavailable, *FAILURES) as error:
                logs.get().warning("order_worth_waits", detail=type(error).__name__)
            await self._gate.sleep(POLL_S)

    async def step(self, workspace_id: UUID) -> bool:
        """One page; whether there was one."""
        now = self._clock.now()

        async def work(tx: Tx) -> tuple[bool, list[Row]]:
            due = await revaluations.claim(tx, now, PAGE)
            if due is None:
                return False, []
            await revaluations.advance(tx, due)
            records = await _revalue(tx, due.orders, now) if due.orders else []
            partition = bucket_of(workspace_id) % PARTITIONS
            return True, await self._outbox.add(tx, "bulk", partition, [Outgoing("PROFILE", records)])

        opening = workspace_lock.shared(workspace_id)
        more, rows = await self._database.run(workspace_id, work, opening=opening)
        await self._outbox.publish(rows)
        return more


async def _revalue(tx: Tx, keys: Sequence[Key], now: datetime) -> list[bytes]:
    await orders.begin(tx, keys)
    return await tell_anew(tx, await orders.known(tx, keys), now)
