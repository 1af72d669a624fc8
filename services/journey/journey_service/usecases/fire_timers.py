"""Due timers → runs looked at again. Timers are rows: they survive any crash and belong to no replica."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from chassis import handling, logs, tracing
from chassis.bus import PARTITIONS
from chassis.clock import Clock
from chassis.crash import crash_point
from chassis.database import FAILURES, Database, Tx
from chassis.errors import ServiceError
from chassis.ids import bucket_of
from chassis.lanes import LaneGate
from chassis.metrics import beat
from chassis.outbox import Outbox, Row

from journey_service import metrics
from journey_service.store import runs as run_store
from journey_service.store.definitions import Definitions
from journey_service.usecases.advance import advance
from journey_service.usecases.follow_messages import hold_runs

BATCH = 200
PUT_OFF = timedelta(minutes=5)
"""For how long a timer whose run cannot be planned is left alone."""


class FireTimers:
    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        definitions: Definitions,
        gate: LaneGate,
        clock: Clock,
        poll_s: float,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._definitions = definitions
        self._gate = gate
        self._clock = clock
        self._poll_s = poll_s
        self._log = logs.get()

    async def run(self) -> None:
        while not self._gate.closed:
            try:
                fired = await self.fire_due()
            except (ServiceError, OSError, *FAILURES) as error:
                self._log.warning("timers_wait", detail=str(error))
                fired = 0
            beat("timers")
            if not fired:
                await self._gate.sleep(self._poll_s)

    async def fire_due(self) -> int:
        """One batch for each workspace that has due timers; how many were taken."""
        async with self._database.connection() as connection:
            due = await connection.fetch(_WORKSPACES, self._clock.now())
        taken = 0
        for workspace in due:
            try:
                taken += await self._fire(workspace["workspace_id"])
            except (ServiceError, OSError):
                raise
            except Exception:  # noqa: BLE001 - one workspace's fault is not the others', nor the loop's end
                self._log.exception("timers_failed", workspace_id=str(workspace["workspace_id"]))
        return taken

    async def sample(self) -> None:
        """Sets the gauge of timers that are late."""
        async with self._database.connection() as connection:
            oldest = await connection.fetchval(_OLDEST)
        late = (self._clock.now() - oldest).total_seconds() if oldest else 0.0
        metrics.TIMERS_LATE.set(max(0.0, late))

    async def _fire(self, workspace_id: UUID, most: int = BATCH) -> int:
        """Fires up to `most` timers. Of timers that fail together fewer are fired, until the faulty one stands alone and
        is put off: the others are not to wait for it."""
        ids: list[UUID] = []
        try:
            return await self._fire_together(workspace_id, most, ids)
        except Exception as error:
            if not handling.faulty(error):
                raise
            if most > 1:
                return await self._fire(workspace_id, most // 2)
            self._log.exception("timer_put_off", workspace_id=str(workspace_id), run_id=str(ids[0]))
        later = self._clock.now() + PUT_OFF
        await self._database.run(workspace_id, lambda tx: tx.execute(_PUT_OFF, workspace_id, ids, later))
        return 1

    async def _fire_together(self, workspace_id: UUID, most: int, ids: list[UUID]) -> int:
        """`ids` tells the caller whose timers were taken, also when that failed."""

        async def work(tx: Tx) -> tuple[int, list[Row]]:
            now = self._clock.now()
            # One replica at a time fires a workspace's timers. The rows themselves stay unlocked until their people
            # are: consumers lock people first and timers last, and the other way round would be a deadlock.
            if not await tx.fetchval(_TRY_LOCK, str(workspace_id)):
                return 0, []
            ids[:] = [r["run_id"] for r in await tx.fetch(_DUE, workspace_id, now, most)]
            if not ids:
                return 0, []
            held = await hold_runs(tx, list((await run_store.load(tx, ids)).values()))
            await tx.execute(_DROP, workspace_id, ids, now)
            runs = [r for r in held if r.wake_at is not None and r.wake_at <= now]
            definitions = await self._definitions.of_versions(tx, [(r.journey_id, r.version) for r in runs])
            with tracing.together("fire", "timers", [r.traceparent for r in runs]) as onward:
                runs = [replace(r, traceparent=own) for r, own in zip(runs, onward, strict=True)]
                advanced = await advance(tx, runs, definitions, now)
            rows = await self._outbox.add(tx, "live", bucket_of(ids[0]) % PARTITIONS, advanced.outgoing)
            return len(ids), rows

        async with self._gate.live():
            taken, rows = await self._database.run(workspace_id, work)
            metrics.FIRED.inc(taken)
            crash_point("journey.after_timers")
            try:
                await asyncio.shield(self._outbox.publish(rows))
            except ServiceError as error:
                # The relay publishes them once the broker is back.
                self._log.warning("timers_unpublished", detail=error.message)
        return taken


# From workspace to workspace by the index: one that is far behind hides no other.
_EACH = """
WITH RECURSIVE w AS (
  (SELECT workspace_id FROM timers ORDER BY workspace_id LIMIT 1)
  UNION ALL
  SELECT (SELECT t.workspace_id FROM timers t WHERE t.workspace_id > w.workspace_id ORDER BY t.workspace_id LIMIT 1)
  FROM w WHERE w.workspace_id IS NOT NULL
)"""
_WORKSPACES = f"""{_EACH}
SELECT w.workspace_id FROM w
WHERE EXISTS (SELECT FROM timers t WHERE t.workspace_id = w.workspace_id AND t.due_at <= $1)
"""
_OLDEST = f"""{_EACH}
SELECT min((SELECT min(t.due_at) FROM timers t WHERE t.workspace_id = w.workspace_id)) FROM w
"""
_TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('timers' || $1, 0))"
_DUE = "SELECT run_id FROM timers WHERE workspace_id = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3"
_PUT_OFF = "UPDATE timers SET due_at = $3 WHERE workspace_id = $1 AND run_id = ANY($2::uuid[])"
_DROP = "DELETE FROM timers WHERE workspace_id = $1 AND run_id = ANY($2::uuid[]) AND due_at <= $3"
