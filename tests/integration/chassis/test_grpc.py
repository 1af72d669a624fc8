"""The door, over a real server: who may pass, what an error carries, what leaks, and when it says that it is ready."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import grpc
import pytest
from chassis.bus import Bus
from chassis.clock import ManualClock, SystemClock
from chassis.context import METADATA_KEY, TTL, ContextSigner, Tenant, current
from chassis.database import Database
from chassis.errors import DatabaseUnavailable, InvalidArgument, ServiceError
from chassis.grpc_client import Peers, RemoteError
from chassis.grpc_server import GrpcServer, Servicer
from chassis.keyring import Keyring
from chassis.lanes import LaneGate
from chassis.outbox import Outbox
from chassis.service import Service
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from waypost.common.v1 import context_pb2, error_reason_pb2
from waypost.segment.v1 import segment_service_pb2 as pb
from waypost.segment.v1 import segment_service_pb2_grpc as pb_grpc
from waypost_dev.nats import Nats
from waypost_dev.ports import pick_free
from waypost_dev.postgres import Postgres

from tests.integration.chassis.harness import until

SECRET = b"s" * 32
LONG = "长" * 3_000
FAULTS: dict[str, Exception] = {
    "refused": InvalidArgument("not like this", reason="RULE_INVALID", pointer="/all/0", reason_="x"),
    "long": InvalidArgument(LONG, field=LONG),
    "surrogate": InvalidArgument("\ud800", field="\ud800"),
    "number": InvalidArgument("a number", state=7),  # type: ignore[arg-type]
    "unexpected": RuntimeError("password=hunter2"),
    "driver": asyncpg.UndefinedTableError('relation "secret_table" does not exist'),
    "connection": asyncpg.ConnectionDoesNotExistError("10.0.0.7 closed"),
}


class Segments:
    async def GetSegment(self, request: Any, context: Any) -> Any:
        if request.segment_id in FAULTS:
            raise FAULTS[request.segment_id]
        tenant = current()
        name = f"{tenant.caller} {tenant.workspace_id} {tenant.actor} {','.join(tenant.scopes)}"
        return pb.GetSegmentResponse(segment=pb.Segment(name=name))


@pytest.fixture
async def address() -> AsyncIterator[str]:
    listen = f"127.0.0.1:{pick_free()}"
    servicer = Servicer(
        "waypost.segment.v1.SegmentService", pb_grpc.add_SegmentServiceServicer_to_server, Whole(Segments())
    )
    server = GrpcServer("segment", listen, [servicer], ContextSigner(Keyring(SECRET), SystemClock()))
    await server.start()
    yield listen
    await server.stop(0)


class Whole(pb_grpc.SegmentServiceServicer):  # type: ignore[misc]
    """The generated servicer with one method of ours."""

    def __init__(self, segments: Segments) -> None:
        self.GetSegment = segments.GetSegment


def peers(address: str, secret: bytes = SECRET, clock: Any = None) -> Peers:
    return Peers("journey", {"segment": address}, ContextSigner(Keyring(secret), clock or SystemClock()))


async def get(address: str, workspace_id: UUID, segment_id: str = "", *, by: Peers | None = None) -> Any:
    by = by or peers(address)
    try:
        stub = by.stub("segment", pb_grpc.SegmentServiceStub)
        tenant = by.tenant(workspace_id, "key_1", ("segments:read", "segments:write"))
        # The server says "not ready" in these tests; the channel must not wait for it.
        return await by.call(stub.GetSegment, pb.GetSegmentRequest(segment_id=segment_id), tenant, attempts=1)
    finally:
        await by.stop()


@pytest.fixture(autouse=True)
def no_health_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.grpc_client._SERVICE_CONFIG", '{"loadBalancingConfig":[{"round_robin":{}}]}')


async def raw_call(address: str, metadata: Any) -> grpc.aio.AioRpcError:
    async with grpc.aio.insecure_channel(address) as channel:
        stub = pb_grpc.SegmentServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.GetSegment(pb.GetSegmentRequest(), metadata=metadata, timeout=5)
    return refused.value


async def test_the_context_arrives_as_it_was_signed(address: str, workspace_id: UUID) -> None:
    answer = await get(address, workspace_id)
    assert answer.segment.name == f"journey {workspace_id} key_1 segments:read,segments:write"


async def test_a_missing_forged_or_foreign_context_is_refused(address: str, workspace_id: UUID) -> None:
    tenant = Tenant("gateway", workspace_id)
    good = ContextSigner(Keyring(SECRET), SystemClock()).sign(tenant)
    forged = context_pb2.SignedContext.FromString(good)
    inner = context_pb2.TenantContext.FromString(forged.context)
    inner.workspace_id = "00000000-0000-0000-0000-000000000001"
    forged.context = inner.SerializeToString()
    unsigned = context_pb2.SignedContext(context=forged.context)
    for raw in (
        None,
        b"",
        b"\xff\xff",
        good[:-1],
        forged.SerializeToString(),
        unsigned.SerializeToString(),
        ContextSigner(Keyring(b"t" * 32), SystemClock()).sign(tenant),
    ):
        error = await raw_call(address, ((METADATA_KEY, raw),) if raw is not None else ())
        assert error.code() == grpc.StatusCode.UNAUTHENTICATED, raw
        assert RemoteError(error).reason == "CONTEXT_INVALID"


async def test_an_expired_context_is_refused(address: str, workspace_id: UUID) -> None:
    now = SystemClock().now()
    for lag, passes in ((TTL * 0.5, True), (TTL * 1.1, False)):
        by = peers(address, clock=ManualClock(now - lag))
        if passes:
            await get(address, workspace_id, by=by)
            continue
        with pytest.raises(RemoteError) as refused:
            await get(address, workspace_id, by=by)
        assert refused.value.code == grpc.StatusCode.UNAUTHENTICATED


async def test_an_error_arrives_with_code_reason_domain_and_metadata(
    address: str, workspace_id: UUID
) -> None:
    with pytest.raises(RemoteError) as refused:
        await get(address, workspace_id, "refused")
    error = refused.value
    assert (error.code, error.reason, error.domain, error.message) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "RULE_INVALID",
        "segment.waypost",
        "not like this",
    )
    assert error.metadata == {"pointer": "/all/0", "reason_": "x"}


@pytest.mark.parametrize("fault", ["long", "surrogate", "number"])
async def test_awkward_texts_do_not_cost_the_reason(address: str, workspace_id: UUID, fault: str) -> None:
    with pytest.raises(RemoteError) as refused:
        await get(address, workspace_id, fault)
    assert refused.value.code == grpc.StatusCode.INVALID_ARGUMENT
    assert refused.value.reason == "FIELD_INVALID"
    assert set(refused.value.metadata) in ({"field"}, {"state"})


@pytest.mark.parametrize(
    ("fault", "code", "reason"),
    [
        ("unexpected", grpc.StatusCode.INTERNAL, "INTERNAL"),
        ("driver", grpc.StatusCode.INTERNAL, "INTERNAL"),
        ("connection", grpc.StatusCode.UNAVAILABLE, "DATABASE_UNAVAILABLE"),
    ],
)
async def test_what_was_not_foreseen_leaks_no_text(
    address: str, workspace_id: UUID, fault: str, code: grpc.StatusCode, reason: str
) -> None:
    with pytest.raises(RemoteError) as refused:
        await get(address, workspace_id, fault)
    error = refused.value
    assert (error.code, error.reason, error.metadata) == (code, reason, {})
    said = repr(error.__cause__) + error.message
    assert not any(secret in said for secret in ("hunter2", "secret_table", "10.0.0.7", "Traceback"))


async def test_a_peer_that_is_away_is_named_without_its_address(workspace_id: UUID) -> None:
    nowhere = f"127.0.0.1:{pick_free()}"
    with pytest.raises(RemoteError) as refused:
        await get(nowhere, workspace_id)
    assert refused.value.reason == "UNAVAILABLE"
    assert nowhere not in refused.value.message
    assert "127.0.0.1" not in refused.value.message


async def test_a_streaming_method_is_not_served_unverified() -> None:
    """The frame knows unary calls; a stream must not slip past it."""

    async def stream(request: bytes, context: Any) -> AsyncIterator[bytes]:
        yield b"unverified"

    def add(implementation: Any, server: grpc.aio.Server) -> None:
        handler = grpc.unary_stream_rpc_method_handler(implementation)
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("x.Y", {"Z": handler}),))

    listen = f"127.0.0.1:{pick_free()}"
    server = GrpcServer(
        "x", listen, [Servicer("x.Y", add, stream)], ContextSigner(Keyring(SECRET), SystemClock())
    )
    await server.start()
    try:
        async with grpc.aio.insecure_channel(listen) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await channel.unary_stream("/x.Y/Z")(b"", timeout=5).read()
    finally:
        await server.stop(0)
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


async def test_a_server_lists_its_methods_only_when_told_to() -> None:
    assert "grpc.health.v1.Health" in await listed(reflected=True)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await listed(reflected=False)
    assert refused.value.code() == grpc.StatusCode.UNIMPLEMENTED


async def listed(reflected: bool) -> list[str]:
    listen = f"127.0.0.1:{pick_free()}"
    server = GrpcServer("x", listen, [], ContextSigner(Keyring(SECRET), SystemClock()), reflected=reflected)
    await server.start()
    try:
        async with grpc.aio.insecure_channel(listen) as channel:
            request = reflection_pb2.ServerReflectionRequest(list_services="")
            stub = reflection_pb2_grpc.ServerReflectionStub(channel)
            answers = [answer async for answer in stub.ServerReflectionInfo(iter([request]), timeout=5)]
            return [service.name for answer in answers for service in answer.list_services_response.service]
    finally:
        await server.stop(0)


async def test_readiness_follows_the_database_and_liveness_does_not(
    broker: Nats, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("health")
    postgres = Postgres(home / "data", pick_free(), home / "log")
    await postgres.start()
    url = postgres.admin_url
    postgres.kill()
    listen = f"127.0.0.1:{pick_free()}"
    service = service_on(url, broker.url, listen)
    running = asyncio.create_task(service.run())
    try:
        async with grpc.aio.insecure_channel(listen) as channel:
            stub = health_pb2_grpc.HealthStub(channel)

            async def says(name: str, expected: str) -> bool:
                request = health_pb2.HealthCheckRequest(service=name)
                answer = await stub.Check(request, timeout=5, wait_for_ready=True)
                return bool(answer.status == health_pb2.HealthCheckResponse.ServingStatus.Value(expected))

            for started in (False, True, False, True):
                if started:
                    await postgres.start()
                else:
                    postgres.kill()
                expected = "SERVING" if started else "NOT_SERVING"
                for name in ("readiness", ""):
                    await until(lambda name=name, expected=expected: says(name, expected))  # type: ignore[misc]
                assert await says("liveness", "SERVING")
                assert not running.done()
    finally:
        service.stopping.set()
        status = await asyncio.wait_for(running, 20)
        await postgres.stop("immediate")
        postgres.erase()
    assert status == 0


def service_on(postgres_url: str, nats_url: str, listen: str) -> Service:
    signer = ContextSigner(Keyring(SECRET), SystemClock())
    database, bus = Database(postgres_url, 2), Bus(nats_url, "health")
    return Service(
        name="health",
        database=database,
        bus=bus,
        outbox=Outbox(database, bus),
        gate=LaneGate(1),
        server=GrpcServer("health", listen, [], signer),
        peers=Peers("health", {}, signer),
    )


def test_the_reasons_of_the_library_are_in_the_contract() -> None:
    known = set(error_reason_pb2.ErrorReason.keys())
    for error in (ServiceError, *ServiceError.__subclasses__(), DatabaseUnavailable):
        if error is not RemoteError and error.__module__.startswith("chassis"):
            assert f"ERROR_REASON_{error.reason}" in known
