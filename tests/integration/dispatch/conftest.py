"""Dispatch as real processes, between real engines, the real sandbox provider and small peers that speak the protos."""

import asyncio
import json
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
import pytest
from aiohttp import web
from chassis.bus import Bus
from chassis.clock import SystemClock
from chassis.context import ContextSigner
from chassis.errors import DatabaseUnavailable, InvalidArgument
from chassis.grpc_client import Peers, RemoteError
from chassis.grpc_server import GrpcServer, Servicer
from chassis.ids import derived_id, new_id
from chassis.keyring import Keyring
from waypost.common.v1 import record_pb2
from waypost.dispatch.v1 import intention_pb2, message_events_pb2, message_service_pb2_grpc
from waypost.dispatch.v1 import message_service_pb2 as pb
from waypost.journey.v1 import journey_service_pb2, journey_service_pb2_grpc
from waypost.profile.v1 import (
    consent_service_pb2,
    consent_service_pb2_grpc,
    profile_service_pb2,
    profile_service_pb2_grpc,
)
from waypost_dev.nats import Nats
from waypost_dev.ports import pick_free

SECRET = "5a" * 32
DEADLINE_S = 30.0
CALL_TIMEOUT_S = 1.0


async def until(condition: Callable[[], Awaitable[Any]], what: str, deadline_s: float = DEADLINE_S) -> Any:
    """The first true answer of `condition`."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + deadline_s
    while loop.time() < ends:
        if answer := await condition():
            return answer
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {deadline_s} s: {what}")


@dataclass
class Process:
    """A child that says on its standard output when it is up, or is asked."""

    arguments: list[str]
    env: dict[str, str]
    log: Path
    child: asyncio.subprocess.Process | None = None

    async def start(self, stdout: int | None = None) -> asyncio.subprocess.Process:
        with self.log.open("ab") as log:
            self.child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *self.arguments,
                env={**os.environ, **self.env},
                stdout=stdout,
                stderr=log,
            )
        return self.child

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        child, self.child = self.child, None
        if child is None:
            return 0
        if child.returncode is None:
            child.send_signal(number)
        return await asyncio.wait_for(child.wait(), DEADLINE_S)


@dataclass
class Sandbox:
    http: aiohttp.ClientSession
    process: Process
    callback_port: int
    """Where the stage takes callbacks."""
    url: str = ""
    smtp_port: str = ""

    async def start(self) -> None:
        child = await self.process.start(stdout=asyncio.subprocess.PIPE)
        assert child.stdout is not None
        line = json.loads(await asyncio.wait_for(child.stdout.readline(), DEADLINE_S))
        self.url = f"http://{line['listen']}"
        self.smtp_port = line["smtp"].rpartition(":")[2]

    async def control(self, **change: object) -> None:
        async with self.http.put(f"{self.url}/control", json=change) as answer:
            assert answer.status == 200

    async def messages(self) -> list[dict[str, Any]]:
        async with self.http.get(f"{self.url}/control/messages") as answer:
            return list((await answer.json())["messages"])

    async def mails(self) -> list[dict[str, Any]]:
        async with self.http.get(f"{self.url}/control/mails") as answer:
            return list((await answer.json())["mails"])

    async def stats(self, limit: int | None = None) -> dict[str, Any]:
        query = f"?limit={limit}" if limit else ""
        async with self.http.get(f"{self.url}/control/stats{query}") as answer:
            return dict(await answer.json())


@dataclass
class World:
    """What profile and journey answer, and a door for callbacks."""

    addresses: dict[str, dict[str, str]] = field(default_factory=dict)
    """Profile id → type → address."""
    runs: set[str] = field(default_factory=set)
    """Those that journey knows."""
    forbidden: dict[str, str] = field(default_factory=dict)
    """Run → why it wants no message any more."""
    refusals: dict[str, dict[str, str]] = field(default_factory=dict)
    """Profile id → purpose, or purpose/topic/org unit → why its consent says no, by SMS."""
    versions: dict[str, int] = field(default_factory=dict)
    """Profile id → version of its consents that an answer about topics holds for."""
    silent: bool = False
    asked: int = 0
    callbacks: int = 0

    def know(self, profile_id: str, address: str) -> None:
        """The person's newest address of its type."""
        self.addresses.setdefault(profile_id, {})["email" if "@" in address else "phone"] = address


def key_of(address: str) -> str:
    """The contact key that the double gives an address."""
    return derived_id(address).hex


class Profile(profile_service_pb2_grpc.ProfileServiceServicer):
    def __init__(self, world: World) -> None:
        self._world = world

    async def BatchGetContacts(self, request: Any, _: Any) -> Any:
        self._world.asked += 1
        if self._world.silent:
            await asyncio.sleep(DEADLINE_S)
        if len(request.profile_ids) > 500:
            raise InvalidArgument("at most 500 people a call", field="profile_ids")
        if len(request.consents) > 5:
            raise InvalidArgument("at most 5 questions a call", field="consents")
        answer = profile_service_pb2.BatchGetContactsResponse()
        for profile_id in request.profile_ids:
            contact = answer.contacts.add(profile_id=profile_id)
            said = self._world.refusals.get(profile_id, {})
            for scope in request.consents:
                narrow = bool(scope.topic or scope.org_unit_id)
                key = f"{scope.purpose}/{scope.topic}/{scope.org_unit_id}" if narrow else scope.purpose
                contact.consents.add(scope=scope, refusal=said.get(key, "") if scope.channel == "sms" else "")
                if narrow:
                    contact.consent_version = self._world.versions.get(profile_id, 0)
            if address := self._world.addresses.get(profile_id, {}).get(request.type):
                contact.current_profile_id = profile_id
                contact.contact_point.type = request.type
                contact.contact_point.address = address
                contact.contact_point.contact_key = key_of(address)
        return answer


class Consents(consent_service_pb2_grpc.ConsentServiceServicer):
    def __init__(self, world: World) -> None:
        self._world = world

    async def GetContactKey(self, request: Any, _: Any) -> Any:
        if self._world.silent:
            raise DatabaseUnavailable("not now")
        if not request.address.startswith("+"):
            raise InvalidArgument("no phone number", field="address")
        return consent_service_pb2.GetContactKeyResponse(contact_key=key_of(request.address))


class Journey(journey_service_pb2_grpc.JourneyServiceServicer):
    def __init__(self, world: World) -> None:
        self._world = world

    async def CheckRuns(self, request: Any, _: Any) -> Any:
        world = self._world
        reasons = [
            world.forbidden.get(one.run_id, "") if one.run_id in world.runs else "run_unknown"
            for one in request.runs
        ]
        verdicts = [journey_service_pb2.RunVerdict(allowed=not r, reason=r) for r in reasons]
        return journey_service_pb2.CheckRunsResponse(verdicts=verdicts)


@dataclass
class Stage:
    """Everything around dispatch, and dispatch itself as one or more processes on one database."""

    workspace_id: UUID
    home: Path
    world: World
    sandbox: Sandbox
    bus: Bus
    env: dict[str, str]
    database_url: str
    signer: ContextSigner
    replicas: list[Process] = field(default_factory=list)
    peers: Peers | None = None
    template_id: str = ""

    async def start(self, **env: str) -> Process:
        """One more replica; returns once it answers."""
        port = pick_free()
        settings = {**self.env, "DISPATCH_LISTEN": f"127.0.0.1:{port}", **env}
        log = self.home / f"dispatch-{len(self.replicas)}.log"
        process = Process(["dispatch_service", "serve"], settings, log)
        await process.start()
        self.replicas.append(process)
        peers = Peers("test", {"dispatch": f"127.0.0.1:{port}"}, self.signer)

        async def answers() -> bool:
            assert process.child is not None
            assert process.child.returncode is None, log.read_text()
            try:
                await self.call("ListLimits", pb.ListLimitsRequest(), peers)
            except RemoteError:
                return False
            return True

        await until(answers, "dispatch answers")
        if self.peers is not None:
            await self.peers.stop()
        self.peers = peers
        return process

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
            return await until(there, f"message {number} {state}", deadline_s)
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
            await until(there, f"{count} messages {state}", deadline_s)
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


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    callback_port = pick_free()
    env = {
        "SANDBOX_LISTEN": "127.0.0.1:0",
        "SANDBOX_REPORT_URL": f"http://127.0.0.1:{callback_port}",
        "SANDBOX_DATA_DIR": str(tmp_path / "sandbox"),
        "SANDBOX_SECRET": SECRET,
    }
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=DEADLINE_S)) as http:
        running = Sandbox(http, Process(["waypost_sandbox"], env, tmp_path / "sandbox.log"), callback_port)
        await running.start()
        yield running
        await running.process.end(signal.SIGKILL)


@pytest.fixture
async def stage(
    templates: Any, nats_server: Nats, workspace_id: UUID, tmp_path: Path, sandbox: Sandbox
) -> AsyncIterator[Stage]:
    secret = secrets.token_bytes(32)
    (tmp_path / "secret").write_text(secret.hex())
    world, signer = World(), ContextSigner(Keyring(secret), SystemClock())
    async with AsyncExitStack() as stack:
        peer_ports = await _peers(stack, world, signer)
        bus = Bus(nats_server.url, "test")
        await bus.start()
        stack.push_async_callback(bus.stop)
        for stream in ("SEND", "MESSAGE", "PROFILE"):
            await bus.ensure_stream(stream)
        database_url = await templates.copy("dispatch")
        env = {
            "DISPATCH_POSTGRES_URL": database_url,
            "WAYPOST_NATS_URL": nats_server.url,
            "WAYPOST_SERVICE_SECRET_FILE": str(tmp_path / "secret"),
            "WAYPOST_PEERS": peer_ports,
            "DISPATCH_SANDBOX_URL": sandbox.url,
            "DISPATCH_SANDBOX_SECRET": SECRET,
            "DISPATCH_CALL_TIMEOUT_S": str(CALL_TIMEOUT_S),
            "DISPATCH_RESERVE_S": "1",
            "DISPATCH_SMTP_HOST": "127.0.0.1",
            "DISPATCH_SMTP_PORT": sandbox.smtp_port,
            "DISPATCH_SMTP_TLS": "none",
            "DISPATCH_SMTP_FROM": "Waypost <hello@waypost.example>",
            "DISPATCH_SMTP_BOUNCES": "bounces@waypost.example",
            "DISPATCH_SMTP_TIMEOUT_S": str(CALL_TIMEOUT_S),
            "DISPATCH_EMAIL_CALLBACK_SECRET": SECRET,
            "DISPATCH_UNSUBSCRIBE_KEYS": SECRET,
        }
        running = Stage(workspace_id, tmp_path, world, sandbox, bus, env, database_url, signer)
        running.env["DISPATCH_PUBLIC_URL"] = await _callbacks(stack, running)
        yield running
        for process in running.replicas:
            await process.end(signal.SIGKILL)
        if running.peers is not None:
            await running.peers.stop()


async def _peers(stack: AsyncExitStack, world: World, signer: ContextSigner) -> str:
    """Starts profile and journey; their addresses as WAYPOST_PEERS."""
    ports = pick_free(), pick_free()
    made = (
        [
            Servicer("waypost.profile.v1.ProfileService", profile_service_pb2_grpc.add_ProfileServiceServicer_to_server, Profile(world)),
            Servicer("waypost.profile.v1.ConsentService", consent_service_pb2_grpc.add_ConsentServiceServicer_to_server, Consents(world)),
        ],
        [Servicer("waypost.journey.v1.JourneyService", journey_service_pb2_grpc.add_JourneyServiceServicer_to_server, Journey(world))],
    )  # fmt: skip
    for port, servicers in zip(ports, made, strict=True):
        server = GrpcServer("peer", f"127.0.0.1:{port}", servicers, signer)
        await server.start()
        await server.set_ready(True)
        stack.push_async_callback(server.stop, 0)
    return f"profile=127.0.0.1:{ports[0]},journey=127.0.0.1:{ports[1]}"


async def _callbacks(stack: AsyncExitStack, stage: Stage) -> str:
    """The gateway's part: hands each callback on; 503 while dispatch does not answer."""

    async def take(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = pb.RecordCallbackRequest(
            channel=request.match_info["channel"],
            account=request.match_info["account"],
            headers=headers,
            body=await request.read(),
        )
        try:
            await stage.call("RecordCallback", asked)
        except (RemoteError, AssertionError):
            return web.Response(status=503)
        stage.world.callbacks += 1
        return web.Response(status=204)

    app = web.Application()
    app.add_routes([web.post("/v1/callbacks/{channel}/{account}", take)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    stack.push_async_callback(runner.cleanup)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", stage.sandbox.callback_port).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"
