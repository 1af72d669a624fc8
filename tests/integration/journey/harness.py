"""A journey service on a real database, fed batches as its consumers would be. Times are minutes after START."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from chassis import context, workspace_lock
from chassis.bus import Source
from chassis.clock import ManualClock
from chassis.consumer import Batch, Handler
from chassis.context import Tenant
from chassis.database import Database, Tx
from chassis.errors import NotCaughtUp
from chassis.keyring import Keyring
from chassis.lanes import LaneGate
from chassis.outbox import Outbox, Row
from chassis.paging import Pages
from journey_service.api.servicer import JourneyServicer
from journey_service.remote import SegmentRules
from journey_service.store.definitions import Definitions
from journey_service.usecases.fire_timers import FireTimers
from journey_service.usecases.follow_messages import FollowMessages
from journey_service.usecases.follow_people import FollowPeople
from waypost.common.v1 import record_pb2
from waypost.dispatch.v1 import intention_pb2
from waypost.journey.v1 import journey_events_pb2
from waypost.journey.v1 import journey_service_pb2 as pb
from waypost.segment.v1 import segment_service_pb2

from tests.integration.silent_bus import SilentBus

from .records import at


class Segment:
    """Answers EvaluateRules in segment's place; `outside` are the people no rule holds for."""

    def __init__(self) -> None:
        self.outside: set[UUID] = set()
        self.asked: list[segment_service_pb2.EvaluateRulesRequest] = []
        self.behind = 0
        """How many more times it has not heard of the events yet."""

    def stub(self, _service: str, _make: Any) -> Any:
        class Stub:
            EvaluateRules = None

        return Stub

    def tenant(self, workspace_id: UUID) -> UUID:
        return workspace_id

    async def call(self, _method: Any, request: Any, _tenant: Any) -> Any:
        assert len(request.profile_ids) <= 500
        self.asked.append(request)
        if self.behind:
            self.behind -= 1
            raise NotCaughtUp("not yet")
        matches = [UUID(p) not in self.outside for p in request.profile_ids]
        return segment_service_pb2.EvaluateRulesResponse(
            results=[segment_service_pb2.RuleResult(matches=matches)]
        )


@dataclass
class Said:
    """What a batch published."""

    entered: list[Any] = field(default_factory=list)
    exited: list[Any] = field(default_factory=list)
    resumed: list[Any] = field(default_factory=list)
    intentions: list[intention_pb2.IntentionRecord] = field(default_factory=list)

    @property
    def keys(self) -> list[tuple[str, int]]:
        return [(i.run_id, i.run_sequence) for i in self.intentions]

    @property
    def reasons(self) -> list[str]:
        return [r.exited.reason for r in self.exited]


def said(rows: Iterable[Row]) -> Said:
    found = Said()
    for row in rows:
        for raw in record_pb2.RecordBatch.FromString(row.payload).records:
            if row.subject.startswith("SEND."):
                found.intentions.append(intention_pb2.IntentionRecord.FromString(raw))
                continue
            record = journey_events_pb2.JourneyRecord.FromString(raw)
            getattr(found, str(record.WhichOneof("fact"))).append(record)
    return found


class Journey:
    """One replica; give two of them one database to see them race."""

    def __init__(self, database: Database, workspace_id: UUID, clock: ManualClock) -> None:
        self.database = database
        self.workspace_id = workspace_id
        self.clock = clock
        self.segment = Segment()
        definitions = Definitions()
        self.outbox = Outbox(database, SilentBus("", "journey"))
        peers: Any = self.segment
        self.people = FollowPeople(database, definitions, SegmentRules(peers), clock)
        self.messages = FollowMessages(definitions, clock)
        self.timers = FireTimers(database, self.outbox, definitions, LaneGate(4), clock, 0.01)
        self.servicer = JourneyServicer(database, definitions, Pages(Keyring(bytes(32))), clock)

    async def publish(self, data: Any, minute: float = -1440) -> str:
        request = pb.CreateJourneyRequest(definition_json=msgspec.json.encode(data))
        journey_id = str((await self.call("CreateJourney", request)).journey.journey_id)
        await self.publish_again(journey_id, minute)
        return journey_id

    async def publish_again(self, journey_id: str, minute: float) -> None:
        """As if the clock said `minute`."""
        back = self.clock.now() - at(minute)
        self.clock.advance(-back)
        await self.call("PublishJourney", pb.PublishJourneyRequest(journey_id=journey_id))
        self.clock.advance(back)

    async def call(self, method: str, request: Any) -> Any:
        context.enter(Tenant("test", self.workspace_id))
        return await getattr(self.servicer, method)(request, None)

    async def take(self, *records: bytes) -> Said:
        return await self._handle("PROFILE", self.people, records)

    async def hear(self, *records: bytes) -> Said:
        return await self._handle("MESSAGE", self.messages, records)

    async def _handle(self, stream: str, handler: Handler, records: Sequence[bytes]) -> Said:
        batch = Batch(self.workspace_id, Source(stream, "live", 0), records)
        prepared = await handler.prepare(batch)

        async def work(tx: Tx) -> list[Row]:
            return await self.outbox.add(tx, "live", 0, await handler.apply(tx, batch, prepared))

        return said(
            await self.database.run(self.workspace_id, work, opening=workspace_lock.shared(self.workspace_id))
        )

    async def fire(self, minutes: float = 0) -> Said:
        """Lets time pass and fires what is due."""
        self.clock.advance(timedelta(minutes=minutes))
        last = await self._last_row()
        while await self.timers.fire_due():
            pass
        return await self.published(last)

    async def _last_row(self) -> int:
        async with self.database.connection() as connection:
            return int(await connection.fetchval("SELECT coalesce(max(id), 0) FROM outbox"))

    async def published(self, after: int = 0) -> Said:
        async with self.database.connection() as connection:
            rows = await connection.fetch(
                "SELECT id, subject, message_id, payload FROM outbox WHERE id > $1 AND workspace_id = $2 ORDER BY id",
                after,
                self.workspace_id,
            )
        return said([Row(*r) for r in rows])

    async def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        async with self.database.transaction(self.workspace_id) as tx:
            return [tuple(r) for r in await tx.fetch(query, *values)]

    async def runs(self) -> list[tuple[Any, ...]]:
        """(person, entry key, state, node, exit reason), the oldest first."""
        return await self.rows(
            "SELECT profile_id, entry_key, state, node_id, exit_reason FROM runs ORDER BY run_id"
        )

    async def metrics(self, journey_id: str) -> Any:
        return await self.call("GetJourneyMetrics", pb.GetJourneyMetricsRequest(journey_id=journey_id))

    async def check(self, *keys: tuple[str, int]) -> list[str]:
        """Why each may not be sent; empty when it may."""
        asked = [pb.RunCheck(run_id=run_id, sequence=sequence) for run_id, sequence in keys]
        verdicts = (await self.call("CheckRuns", pb.CheckRunsRequest(runs=asked))).verdicts
        assert all(v.allowed == (not v.reason) for v in verdicts)
        return [v.reason for v in verdicts]
