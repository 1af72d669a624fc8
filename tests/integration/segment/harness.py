"""A segment service on a real database, fed batches as its consumer would be."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis import workspace_lock
from chassis.bus import Source
from chassis.clock import ManualClock
from chassis.consumer import Batch
from chassis.database import Database, Tx
from chassis.lanes import LaneGate
from chassis.outbox import Outbox, Outgoing
from rules import parse
from segment_service.events.consumers import ProfileHandler
from segment_service.store.known_names import KnownNames
from segment_service.store.segments import Catalogues
from segment_service.usecases.build_segments import Builder
from segment_service.usecases.create_segment import create_segment
from segment_service.usecases.keep_current import KeepCurrent
from waypost.segment.v1 import segment_events_pb2

from tests.integration.silent_bus import SilentBus


class Harness:
    def __init__(self, database: Database, workspace_id: UUID, clock: ManualClock, page: int = 3) -> None:
        self.database = database
        self.workspace_id = workspace_id
        self.clock = clock
        self.handler = ProfileHandler(KeepCurrent(Catalogues(), KnownNames()))
        self.outbox = Outbox(database, SilentBus("", "segment"))
        self.page = page

    def builder(self) -> Builder:
        return Builder(self.database, self.outbox, LaneGate(1), self.clock, page=self.page, poll_s=0.01)

    async def create(self, rule: Any, name: str = "some") -> str:
        segment_id = f"seg_{name}"

        async def work(tx: Tx) -> None:
            await create_segment(tx, segment_id, name, parse(rule), self.clock.now())

        await self.database.run(self.workspace_id, work)
        return segment_id

    async def build(self) -> None:
        builder = self.builder()
        while await builder.pass_once():
            pass

    async def take(self, records: Sequence[bytes]) -> list[segment_events_pb2.SegmentRecord]:
        batch = Batch(self.workspace_id, Source("PROFILE", "live", 0), records)

        async def work(tx: Tx) -> list[Outgoing]:
            return await self.handler.apply(tx, batch, None)

        outgoing = await self.database.run(
            self.workspace_id, work, opening=workspace_lock.shared(self.workspace_id)
        )
        return [segment_events_pb2.SegmentRecord.FromString(r) for o in outgoing for r in o.records]

    async def published(self) -> list[segment_events_pb2.SegmentRecord]:
        """What builds wrote into the outbox."""
        from waypost.common.v1 import record_pb2

        async with self.database.connection() as connection:
            rows = await connection.fetch("SELECT payload FROM outbox ORDER BY id")
        batches = [record_pb2.RecordBatch.FromString(r["payload"]) for r in rows]
        return [segment_events_pb2.SegmentRecord.FromString(r) for b in batches for r in b.records]

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self.database.transaction(self.workspace_id) as tx:
            return [tuple(r) for r in await tx.fetch(query)]

    async def members(self) -> set[tuple[str, UUID]]:
        return set(await self.rows("SELECT segment_id, profile_id FROM memberships"))
