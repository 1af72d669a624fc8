"""A refund, an update or a cancellation told under another identity of the person finds the order it is about, whatever
came first: the order, the word about it, or the news that both are one person.

An order belongs to the identity that placed it, and so does what is said of it, from when it is found on: a split takes
nothing back from it. Until then the word is stored under the identity that brought it, and looked at again, at first
soon, then ever more rarely.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from chassis import metrics, workspace_lock
from chassis.bus import PARTITIONS
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.errors import BrokerUnavailable
from chassis.ids import bucket_of
from chassis.lanes import LaneGate
from chassis.outbox import Outbox, Outgoing, Row
from chassis.rounds import rounds

from profile_service.store import orders, orphans
from profile_service.store.due_work import workspaces_due
from profile_service.store.orders import Key
from profile_service.store.orphans import Orphan
from profile_service.usecases.value_orders import tell_anew

POLL_S = 5.0
PAGE = 200
SOONEST, LATEST = timedelta(seconds=5), timedelta(days=1)


class FindOrders:
    def __init__(self, database: Database, outbox: Outbox, clock: Clock, gate: LaneGate) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._gate = gate

    async def run(self) -> None:
        await rounds(self._gate, POLL_S, self.pass_once, "orders_wait", (BrokerUnavailable,))

    async def pass_once(self) -> None:
        metrics.beat("orders")
        for workspace_id in await workspaces_due(self._database, "order_searches", self._clock.now()):
            while not self._gate.closed and await self.step(workspace_id) == PAGE:
                pass

    async def step(self, workspace_id: UUID) -> int:
        """One page; how many were looked at."""
        now = self._clock.now()

        async def work(tx: Tx) -> tuple[int, list[Row]]:
            if not await orphans.claim_search(tx, now):
                return 0, []
            due = await orphans.due(tx, now, PAGE)
            await self._wait(tx, [one for one in due if one.home is None], now)
            found = [(one.key, one.home) for one in due if one.home is not None]
            records = await self._bring_home(tx, found, now)
            await orphans.forget(tx, [key for key, _ in found])
            await orphans.search_later(tx)
            partition = bucket_of(workspace_id) % PARTITIONS
            return len(due), await self._outbox.add(tx, "bulk", partition, [Outgoing("PROFILE", records)])

        # Rates that are stated meanwhile find every order that was worked out without them.
        opening = workspace_lock.shared(workspace_id)
        count, rows = await self._database.run(workspace_id, work, opening=opening)
        await self._outbox.publish(rows)
        return count

    async def _wait(self, tx: Tx, waiting: Sequence[Orphan], now: datetime) -> None:
        """As long again as they have waited already."""
        if waiting:
            later = [now + min(LATEST, max(SOONEST, now - one.since)) for one in waiting]
            await orphans.wait(tx, [one.key for one in waiting], later)

    async def _bring_home(self, tx: Tx, found: Sequence[tuple[Key, Key]], now: datetime) -> list[bytes]:
        # What one identity stated itself needs no move, and was folded when its order came.
        moves = [(away, home) for away, home in found if away != home]
        if not moves:
            return []
        homes = {home for _, home in moves}
        await orders.begin(tx, [*homes, *(away for away, _ in moves)])
        await orphans.move(tx, moves)
        return await tell_anew(tx, await orders.known(tx, homes), now)
