"""Events that a workspace no longer keeps are deleted, and counted, once a day: a walk through all of them, bucket by
bucket, a page a transaction. Killed anywhere, any replica goes on after the last page that was committed."""

from datetime import datetime, timedelta
from uuid import UUID

from chassis import metrics
from chassis.clock import Clock, to_ms
from chassis.database import Database, Tx
from chassis.lanes import LaneGate
from chassis.rounds import rounds

from profile_service.domain.retention import Kept, last_cut, outlived
from profile_service.metrics import EXPIRED
from profile_service.store import retention
from profile_service.store.due_work import workspaces_due

EVERY = timedelta(days=1)
POLL_S = 60.0
PAGE = 2_000
BUCKETS = 256
_START = UUID(int=0)


class ExpireEvents:
    def __init__(self, database: Database, clock: Clock, gate: LaneGate, page: int = PAGE) -> None:
        self._database = database
        self._clock = clock
        self._gate = gate
        self._page = page

    async def run(self) -> None:
        await rounds(self._gate, POLL_S, self.pass_once, "retention_waits")

    async def pass_once(self) -> None:
        metrics.beat("retention")
        for workspace_id in await workspaces_due(self._database, "retention_walks", self._clock.now()):
            while not self._gate.closed and await self.step(workspace_id):
                pass

    async def step(self, workspace_id: UUID) -> bool:
        """One page; whether there was one to do."""
        metrics.beat("retention")
        now = self._clock.now()

        async def work(tx: Tx) -> tuple[bool, int]:
            claimed = await retention.claim_walk(tx, now)
            if claimed is None:
                return False, 0
            days = await retention.rules(tx)
            before = last_cut(days, now)
            if before is None:
                await retention.walked(tx, 0, _START, now + EVERY)
                return False, 0
            return True, await self._walk(tx, claimed, days, before, now)

        worked, deleted = await self._database.run(workspace_id, work)
        EXPIRED.inc(deleted)
        return worked

    async def _walk(
        self, tx: Tx, place: tuple[int, UUID], days: dict[str, int], before: datetime, now: datetime
    ) -> int:
        bucket, after = place
        deleted = 0
        # Buckets with little in them are taken together.
        left = self._page
        while left > 0 and bucket < BUCKETS:
            found = [Kept(*row) for row in await retention.next_events(tx, bucket, after, left)]
            old = outlived(found, days, now)
            if old:
                deleted += await retention.delete_and_count(tx, bucket, old)
            # By the id, whose first 48 bits are the time, and not always one that a calendar has.
            if len(found) == left and found[-1].event_id.int >> 80 < to_ms(before):
                after = found[-1].event_id
            else:
                bucket, after = bucket + 1, _START
            left -= max(len(found), self._page // BUCKETS + 1)
        done = bucket == BUCKETS
        await retention.walked(tx, 0 if done else bucket, after, now + EVERY if done else now)
        return deleted
