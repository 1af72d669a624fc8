"""Dispatch between real engines, the real sandbox provider and small peers that speak the protos."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from chassis.bus import Bus
from chassis.clock import SystemClock
from chassis.context import ContextSigner
from chassis.grpc_client import RemoteError
from chassis.keyring import Keyring
from waypost.dispatch.v1 import message_service_pb2 as pb
from waypost_dev.nats import Nats

from .doubles import World, start_peers
from .provider import SECRET, Sandbox, running_sandbox
from .stage import Stage

CALL_TIMEOUT_S = 1.0


@pytest.fixture
async def sandbox(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with running_sandbox(tmp_path / "sandbox") as running:
        yield running


@pytest.fixture
async def stage(
    templates: Any, nats_server: Nats, workspace_id: UUID, tmp_path: Path, sandbox: Sandbox
) -> AsyncIterator[Stage]:
    secret = secrets.token_bytes(32)
    (tmp_path / "secret").write_text(secret.hex())
    world, signer = World(), ContextSigner(Keyring(secret), SystemClock())
    async with AsyncExitStack() as stack:
        peer_ports = await start_peers(stack, world, signer)
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
            "DISPATCH_SMTP_PORT": str(sandbox.smtp_port),
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
        for replica in running.replicas:
            await replica.leave()
        if running.peers is not None:
            await running.peers.stop()


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
