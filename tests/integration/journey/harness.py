"""A journey service on a real database, fed batches as its consumers would be. Times are minutes after START."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
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
from chassis.ids import derived_id
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
from waypost.dispatch.v1 import intention_pb2, message_events_pb2
from waypost.journey.v1 import journey_events_pb2
from waypost.journey.v1 import journey_service_pb2 as pb
from waypost.profile.v1 import profile_events_pb2
from waypost.segment.v1 import segment_service_pb2

from tests.integration.silent_bus import SilentBus

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
ACCEPTED = message_events_pb2.MESSAGE_STATE_ACCEPTED
REFUSED = message_events_pb2.MESSAGE_STATE_REFUSED
FAILED = message_events_pb2.MESSAGE_STATE_FAILED
BOUNCED = message_events_pb2.MESSAGE_STATE_BOUNCED
COMPLAINED = message_events_pb2.MESSAGE_STATE_COMPLAINED


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def wait_for(event: str, timeout: str, answered: str, late: str, **more: Any) -> Any:
    """A wait that `event` of the same cart leads to `answered` and the time-out to `late`."""
    same = [{"event": "cart_id", "context": "entry.cart_id"}]
    branches = {"answered": {"event": event, "match": same}}
    following = {"answered": answered, "timeout": late}
    return {"kind": "wait_for_event", "branches": branches, "timeout": timeout, "next": following, **more}


def send(done: str = "end", **more: Any) -> Any:
    return {"kind": "send", "channel": "sms", "content": "cnt_1", "next": {"done": done}, **more}


def definition(
    nodes: Mapping[str, Any] | None = None, entry: Mapping[str, Any] | None = None, **more: Any
) -> Any:
    """Abandoned cart: added → ten minutes for buying → a message → end."""
    usual = {"idle": wait_for("Bought", "10m", "end", "say"), "say": send(), "end": {"kind": "exit"}}
    return {
        "name": "cart",
        "entries": [{"kind": "event", "event": "Added", "key": "cart_id", **(entry or {})}],
        "start": "idle",
        "nodes": nodes or usual,
        **more,
    }


@dataclass(frozen=True)
class Person:
    """An identity and who it belongs to."""

    no: int
    number: int | None = None
    version: int = 1

    @property
    def profile_no(self) -> int:
        return self.no if self.number is None else self.number

    @property
    def identity_id(self) -> UUID:
        return derived_id("identity", str(self.no))

    @property
    def profile_id(self) -> UUID:
        return derived_id("identity", str(self.profile_no))

    def of(self, other: "Person", version: int = 2) -> "Person":
        """The same identity once it belongs to `other`."""
        return Person(self.no, other.profile_no, version)


ANNA, BERT, CARL = Person(1), Person(2), Person(3)


def happened(
    name: str,
    minute: float,
    person: Person = ANNA,
    *,
    event_id: str = "",
    accepted: float | None = None,
    historical: bool = False,
    **properties: Any,
) -> bytes:
    """An event of PROFILE. Without an id, the same arguments are the same event."""
    properties = {"cart_id": "c1"} | properties
    record = _record(person, event_id or f"{name}/{minute}/{person.no}/{properties}", minute, accepted)
    record.meta.historical = historical
    record.event.name = name
    record.event.properties_json = msgspec.json.encode(properties)
    return record.SerializeToString()


def merged(winner: Person, *losers: Person, minute: float = 0) -> bytes:
    """`losers` are the identities as they were before: their people are now `winner`."""
    record = _record(losers[0].of(winner), f"merge/{winner}/{losers}", minute, None)
    record.merged.merged_profile_ids.extend({str(p.profile_id) for p in losers})
    for loser in losers:
        now = loser.of(winner, loser.version + 1)
        record.merged.memberships.add(
            identity_id=str(now.identity_id),
            profile_id=str(now.profile_id),
            profile_no=now.profile_no,
            version=now.version,
        )
    return record.SerializeToString()


def split(person: Person, *taken: Person, minute: float = 0) -> bytes:
    """`taken` are the identities as they were before, of `person`: they are a person of their own, named by the first."""
    alone = [Person(one.no, taken[0].no, one.version + 1) for one in taken]
    record = _record(alone[0], f"split/{person}/{taken}", minute, None)
    record.split.from_profile_id = str(person.profile_id)
    for now in alone:
        record.split.memberships.add(
            identity_id=str(now.identity_id),
            profile_id=str(now.profile_id),
            profile_no=now.profile_no,
            version=now.version,
        )
    return record.SerializeToString()


def _record(
    person: Person, record_id: str, minute: float, accepted: float | None
) -> profile_events_pb2.ProfileRecord:
    record = profile_events_pb2.ProfileRecord()
    record.meta.record_id = str(derived_id("event", record_id))
    record.meta.event_time.FromDatetime(at(minute))
    record.meta.accept_time.FromDatetime(at(minute if accepted is None else accepted))
    record.person.identity_id = str(person.identity_id)
    record.person.profile_id = str(person.profile_id)
    record.person.profile_no = person.profile_no
    record.person.identity_version = person.version
    return record


def became(key: tuple[str, int], state: int, minute: float = 0, reason: str = "") -> bytes:
    """What MESSAGE says about the intention of (run, sequence)."""
    record = message_events_pb2.MessageRecord(
        run_id=key[0], run_sequence=key[1], state=state, reason=reason, intention_key=f"{key[0]}:{key[1]}"
    )
    record.meta.event_time.FromDatetime(at(minute))
    return record.SerializeToString()


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

    async def assert_consistent(self) -> None:
        """The laws that hold between the tables whatever happened."""
        assert not await self.rows(_BROKEN_CHAIN), "a transition lost or doubled"
        assert not await self.rows(_BROKEN_END), "a run stands where its last transition did not lead"
        assert not await self.rows(_WRONG_PERSON), "a run is not with its identity's person"
        assert not await self.rows(_WRONG_TIMER), "a run without its timer, or a timer without its run"
        assert not await self.rows(_WRONG_ACTIVE), "active_runs is not the set of active runs"
        said = await self.published()
        issued = await self.rows("SELECT run_id::text, sequence FROM intentions")
        assert sorted(said.keys) == sorted(issued)
        assert len(set(said.keys)) == len(said.keys)
        runs = await self.rows("SELECT run_id::text, state FROM runs")
        assert sorted(r.run_id for r in said.entered) == sorted(r for r, _ in runs)
        ends = Counter(r.run_id for r in said.exited)
        ends.subtract(r.run_id for r in said.resumed)
        assert ends == Counter({r: int(state != "active") for r, state in runs})
        for (journey_id,) in await self.rows("SELECT journey_id FROM journeys WHERE version > 0"):
            await self._assert_ledger(journey_id)

    async def _assert_ledger(self, journey_id: str) -> None:
        """Entered as the definition's start and the transitions say, against what became of those who did."""
        found = await self.metrics(journey_id)
        entered = dict(await self.rows(_ENTERED, journey_id))
        assert {n.node_id: n.entered for n in found.nodes if n.entered} == entered
        assert all(n.entered == n.waiting + n.passed + n.exited + n.frozen for n in found.nodes)
        assert all(n.passed == sum(n.passed_by.values()) for n in found.nodes)
        assert found.runs_entered == found.runs_active + sum(found.runs_exited.values())
        assert found.runs_active == sum(n.waiting for n in found.nodes)


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


_BROKEN_CHAIN = """
SELECT t.run_id, t.sequence FROM (
  SELECT run_id, sequence, node_id, row_number() OVER w - 1 AS expected, lag(to_node_id) OVER w AS came
  FROM transitions WINDOW w AS (PARTITION BY run_id ORDER BY sequence)
) t WHERE t.sequence <> t.expected OR (t.sequence > 0 AND t.node_id <> t.came)
"""
_BROKEN_END = """
SELECT r.run_id FROM runs r
LEFT JOIN LATERAL (SELECT * FROM transitions t WHERE t.run_id = r.run_id ORDER BY sequence DESC LIMIT 1) l ON true
WHERE CASE WHEN r.state = 'exited' THEN l.sequence <> r.sequence OR l.outcome <> 'exit:' || r.exit_reason
           ELSE r.sequence <> coalesce(l.sequence + 1, 0) OR r.node_id <> coalesce(l.to_node_id, r.node_id) END
"""
_WRONG_PERSON = (
    "SELECT run_id FROM runs r JOIN people p USING (identity_id) WHERE r.profile_id <> p.profile_id"
)
_WRONG_TIMER = """
SELECT run_id FROM (SELECT * FROM runs WHERE wake_at IS NOT NULL) r
FULL JOIN (SELECT * FROM timers WHERE workspace_id = current_setting('app.workspace_id')::uuid) t USING (run_id)
WHERE r.wake_at IS DISTINCT FROM t.due_at OR r.state IS DISTINCT FROM 'active'
"""
_WRONG_ACTIVE = """
SELECT run_id FROM (SELECT * FROM runs WHERE state = 'active') r FULL JOIN active_runs a USING (run_id)
WHERE (r.profile_id, r.journey_id, r.entry_key) IS DISTINCT FROM (a.profile_id, a.journey_id, a.entry_key)
"""
_ENTERED = """
SELECT node_id, count(*) FROM (
  SELECT coalesce((SELECT node_id FROM transitions t WHERE t.run_id = r.run_id AND sequence = 0), node_id) AS node_id
  FROM runs r WHERE journey_id = $1
  UNION ALL SELECT to_node_id FROM transitions WHERE journey_id = $1 AND to_node_id <> ''
) e GROUP BY 1
"""
