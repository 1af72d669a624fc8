"""What a test of dispatch does and sees."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from chassis.bus import Bus
from chassis.context import ContextSigner
from chassis.grpc_client import Peers, RemoteError
from chassis.ids import derived_id, new_id
from waypost.common.v1 import record_pb2
from waypost.dispatch.v1 import intention_pb2, message_events_pb2, message_service_pb2_grpc
from waypost.dispatch.v1 import message_service_pb2 as pb
from waypost_dev.ports import pick_free

from tests.waiting import until

from .doubles import World
from .provider import DEADLINE_S, Sandbox
from .replica import Inside, Process

R = TypeVar("R", Inside, Process)


@dataclass
class Stage:
    """Everything around dispatch, and dispatch itself as one or more replicas on one database."""

    workspace_id: UUID
    home: Path
    world: World
    sandbox: Sandbox
    bus: Bus
    env: dict[str, str]
    database_url: str
    signer: ContextSigner
    replicas: list[Inside | Process] = field(default_factory=list)
    peers: Peers | None = None
    template_id: str = ""

    async def start(self) -> None:
        """One more replica; returns once it answers."""
        await self._start(Inside)

    async def start_process(self, **env: str) -> Process:
        """One more that may die without taking the test along."""
        return await self._start(Process, **env)

    async def _start(self, kind: type[R], **env: str) -> R:
        port = pick_free()
        log = self.home / f"dispatch-{len(self.replicas)}.log"
        replica = await kind.start({**self.env, "DISPATCH_LISTEN": f"127.0.0.1:{port}", **env}, log)
        self.replicas.append(replica)
        peers = Peers("test", {"dispatch": f"127.0.0.1:{port}"}, self.signer)

        async def dispatch_answers() -> bool:
            assert not (why := replica.ended()), why
            try:
                await self.call("ListLimits", pb.ListLimitsRequest(), peers)
            except RemoteError:
                return False
            return True

        await until(dispatch_answers, DEADLINE_S)
        if self.peers is not None:
            await self.peers.stop()
        self.peers = peers
        return replica

    async def call(self, method: str, request: Any, peers: Peers | None = None) -> Any:
        peers = peers or self.peers
        assert peers is not None
        stub = peers.stub("dispatch", message_service_pb2_grpc.MessageServiceStub)
        return await peers.call(getattr(stub, method), request, peers.tenant(self.workspace_id))

    async def template(self, text: str = "Hello {{ entry.name }}") -> None:
        request = pb.CreateTemplateRequest(name="t", channel="sms", text=text, request_id=str(new_id()))
        self.template_id = (await self.call("CreateTemplate", request)).template.template_id

    async def email_template(self, **parts: str) -> None:
        given = {"subject": "Hi {{ entry.name }}", "html": "<p>Hello <b>{{ entry.name }}</b></p>"} | parts
        request = pb.CreateTemplateRequest(name="t", channel="email", request_id=str(new_id()), **given)
        self.template_id = (await self.call("CreateTemplate", request)).template.template_id

    async def limit(self, per_second: int) -> None:
        limit = pb.Limit(channel="sms", account="sandbox", per_second=per_second, source="test")
        await self.call("SetLimit", pb.SetLimitRequest(limit=limit, request_id=str(new_id())))

    def intention(self, number: int, **change: Any) -> intention_pb2.IntentionRecord:
        profile_id = str(derived_id("person", str(number)))
        channel = change.get("channel", "sms")
        address = f"+86138{number:08d}" if channel == "sms" else f"n{number}@shop.example"
        self.world.know(profile_id, address)
        self.world.runs.add(f"run{number}")
        record = intention_pb2.IntentionRecord(
            channel=channel,
            content_id=self.template_id,
            purpose="marketing",
            variables_json=json.dumps({"entry": {"name": f"n{number}"}}).encode(),
            journey_id="jrn_1",
            node_id="remind",
            run_id=f"run{number}",
            run_sequence=2,
            trigger_id=f"event{number}",
        )
        record.meta.record_id = f"run{number}:2"
        record.person.identity_id = profile_id
        record.person.profile_id = profile_id
        record.not_after_time.FromDatetime(datetime.now(UTC) + timedelta(hours=1))
        for name, value in change.items():
            setattr(record, name, value)
        return record

    async def publish(self, records: list[intention_pb2.IntentionRecord], partition: int = 0) -> None:
        for start in range(0, len(records), 500):
            batch = record_pb2.RecordBatch(
                batch_id=str(new_id()),
                workspace_id=str(self.workspace_id),
                records=[one.SerializeToString() for one in records[start : start + 500]],
            )
            await self.bus.publish(f"SEND.live.{partition}", batch.SerializeToString(), batch.batch_id)

    def message_id(self, number: int) -> str:
        return str(derived_id(str(self.workspace_id), "message", f"run{number}:2"))

    async def message(self, number: int) -> Any:
        request = pb.GetMessageRequest(message_id=self.message_id(number))
        try:
            return (await self.call("GetMessage", request)).message
        except RemoteError as error:
            if error.reason == "NOT_FOUND":
                return None
            raise

    async def reached(self, number: int, state: str, deadline_s: float = DEADLINE_S) -> Any:
        wanted = message_events_pb2.MessageState.Value(f"MESSAGE_STATE_{state}")

        async def there() -> Any:
            message = await self.message(number)
            return message if message is not None and message.state == wanted else None

        try:
            return await until(there, deadline_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; it is {await self.message(number)}") from error

    async def counts(self) -> dict[str, int]:
        """Messages by state; the report's own sum rule is checked on the way."""
        report = await self.call("GetMessageReport", pb.GetMessageReportRequest())
        assert report.intentions == sum(one.count for one in report.outcomes)
        counted: dict[str, int] = {}
        for one in report.outcomes:
            name = message_events_pb2.MessageState.Name(one.state).removeprefix("MESSAGE_STATE_")
            counted[name] = counted.get(name, 0) + one.count
        return counted

    async def all_reach(self, count: int, state: str = "DELIVERED", deadline_s: float = DEADLINE_S) -> None:
        async def there() -> bool:
            return (await self.counts()) == {state: count}

        try:
            await until(there, deadline_s)
        except AssertionError as error:
            raise AssertionError(f"{error}; now {await self.counts()}") from error

    async def rows(self, query: str) -> list[Any]:
        """What a query about this workspace finds."""
        connection = await asyncpg.connect(self.database_url)
        try:
            await connection.execute(f"SET app.workspace_id = '{self.workspace_id}'")
            return list(await connection.fetch(query))
        finally:
            await connection.close()

    async def records(self) -> list[Any]:
        """The MESSAGE records of this workspace, from the outbox: published or not, each exactly as written."""
        rows = await self.rows(
            f"SELECT payload FROM outbox WHERE workspace_id = '{self.workspace_id}' ORDER BY id"
        )
        batches = [record_pb2.RecordBatch.FromString(row["payload"]) for row in rows]
        return [message_events_pb2.MessageRecord.FromString(r) for batch in batches for r in batch.records]

    async def queued(self) -> int:
        connection = await asyncpg.connect(self.database_url)
        try:
            return int(await connection.fetchval("SELECT count(*) FROM queue"))
        finally:
            await connection.close()
