"""A gateway of its own per test: real PostgreSQL and NATS, HTTP on a free port, inside the test's loop."""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from chassis.crypto import Ciphers, FileKeyProvider
from chassis.database import Database
from gateway_service.app import build
from gateway_service.serving import Gateway
from gateway_service.settings import Settings
from gateway_service.store.issues import IssueStore
from gateway_service.store.keys import KeyStore, NewWorkspace
from profile_service.app import build as build_profile
from profile_service.settings import ProfileSettings
from waypost_dev.nats import Nats
from waypost_dev.ports import pick_free

from tests.conftest import Templates


@dataclass
class Running:
    gateway: Gateway
    workspace: NewWorkspace
    http: aiohttp.ClientSession
    url: str
    ciphers: Ciphers

    @property
    def workspace_id(self) -> UUID:
        return self.workspace.workspace_id

    @property
    def basic(self) -> dict[str, str]:
        token = base64.b64encode(f"{self.workspace.write_key}:".encode()).decode()
        return {"Authorization": f"Basic {token}"}

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.workspace.secret_key}"}

    async def post(self, path: str, body: Any = None, **options: Any) -> tuple[int, Any]:
        """Status and JSON answer of a POST with the write key; bytes travel as they are."""
        status, answer, _ = await self.call("POST", path, body, **options)
        return status, answer

    async def issue_rows(self) -> dict[tuple[str, str, str, str], int]:
        """(kind, reason, path, event) → count, as stored."""
        rows = await IssueStore(self.gateway.database).page(self.workspace_id, 100, None)
        return {row.key: row.count for row in rows}

    async def wait_for_broker(self) -> None:
        await self.wait_for(lambda: self.gateway.bus.connected and self.gateway.health.database)

    async def wait_for(self, holds: Callable[[], bool]) -> None:
        for _ in range(1000):
            if holds():
                return
            await asyncio.sleep(0.01)
        raise TimeoutError("still not so after 10 s")

    async def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, Any]:
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        sent = data if data is None else BytesIO(data)
        chosen = self.basic if headers is None else headers
        if not isinstance(body, bytes | None):
            chosen = {"Content-Type": "application/json", **chosen}
        async with self.http.request(method, self.url + path, data=sent, headers=chosen) as answer:
            text = await answer.read()
            return answer.status, json.loads(text) if text else None, answer.headers


def write_secrets(folder: Path) -> tuple[Path, Path]:
    keys, secret = folder / "keys.json", folder / "service.secret"
    keys.write_text(
        json.dumps({"active": "k1", "keys": {"k1": base64.b64encode(secrets.token_bytes(32)).decode()}})
    )
    keys.chmod(0o600)
    secret.write_text(secrets.token_hex(32))
    return keys, secret


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Gateway]:
    """A served gateway; stopped, drained and closed when the block ends."""
    gateway = build(settings)
    task = asyncio.create_task(gateway.serve())
    try:
        await asyncio.wait_for(gateway.listening.wait(), 10)
        yield gateway
    finally:
        gateway.stopping.set()
        assert await asyncio.wait_for(task, 30) == 0


@asynccontextmanager
async def moved_in(gateway: Gateway, keys_file: Path) -> AsyncIterator[Running]:
    """A new workspace of the gateway."""
    workspace = await KeyStore(gateway.database).create_workspace(secrets.token_hex(8))
    async with aiohttp.ClientSession() as http:
        host, port = gateway.address
        ciphers = Ciphers(FileKeyProvider(keys_file))
        yield Running(gateway, workspace, http, f"http://{host}:{port}", ciphers)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Running]:
    """A served gateway with one workspace."""
    assert settings.keys_file
    async with serving(settings) as gateway, moved_in(gateway, settings.keys_file) as served:
        yield served


@pytest.fixture
def gateway_secrets(tmp_path: Path) -> tuple[Path, Path]:
    """Files with the master keys and the services' secret."""
    return write_secrets(tmp_path)


@pytest.fixture
def start_gateway(
    databases: Callable[[str], Awaitable[Database]], gateway_secrets: tuple[Path, Path]
) -> Callable[..., AbstractAsyncContextManager[Running]]:
    """`async with start_gateway(nats_url) as gateway`; keyword arguments are settings."""

    @asynccontextmanager
    async def start(nats_url: str, **more: Any) -> AsyncIterator[Running]:
        keys, secret = gateway_secrets
        database = await databases("gateway")
        settings = Settings(
            listen="127.0.0.1:0",
            postgres_url=more.pop("postgres_url", database._url),
            nats_url=nats_url,
            keys_file=keys,
            service_secret_file=secret,
            leave_s=0,
            **more,
        )
        async with running(settings) as served:
            yield served

    return start


@pytest.fixture(scope="session")
async def shared_gateway(
    templates: Templates, nats_server: Nats, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Gateway, Path]]:
    """With the file of its master keys."""
    keys, secret = write_secrets(tmp_path_factory.mktemp("gateway"))
    settings = Settings(
        listen="127.0.0.1:0",
        postgres_url=await templates.copy("gateway"),
        nats_url=nats_server.url,
        keys_file=keys,
        service_secret_file=secret,
        leave_s=0,
    )
    async with serving(settings) as gateway:
        yield gateway, keys


@pytest.fixture
async def gateway(shared_gateway: tuple[Gateway, Path]) -> AsyncIterator[Running]:
    """A workspace of its own in a gateway that other tests use too."""
    async with moved_in(*shared_gateway) as served:
        await served.wait_for_broker()
        yield served


@pytest.fixture
async def own_gateway(
    start_gateway: Callable[..., AbstractAsyncContextManager[Running]], nats_url: str
) -> AsyncIterator[Running]:
    async with start_gateway(nats_url) as served:
        await served.wait_for_broker()
        yield served


@pytest.fixture(scope="module")
async def served(
    templates: Templates, nats_server: Nats, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    """One gateway for all tests of a file, for those that need no more than a workspace of their own."""
    keys, secret = write_secrets(tmp_path_factory.mktemp("gateway"))
    settings = Settings(
        listen="127.0.0.1:0",
        postgres_url=await templates.copy("gateway"),
        nats_url=nats_server.url,
        keys_file=keys,
        service_secret_file=secret,
        leave_s=0,
    )
    async with running(settings) as gateway:
        await gateway.wait_for_broker()
        yield gateway


@pytest.fixture
async def new_workspace(served: Running) -> Running:
    """The file's gateway with a new workspace."""
    workspace = await KeyStore(served.gateway.database).create_workspace(secrets.token_hex(8))
    return replace(served, workspace=workspace)


@pytest.fixture
async def with_profile(
    start_gateway: Callable[..., AbstractAsyncContextManager[Running]],
    gateway_secrets: tuple[Path, Path],
    databases: Callable[[str], Awaitable[Database]],
    tmp_path: Path,
) -> AsyncIterator[Running]:
    """A gateway with a profile service that shares its keys. Its broker has no messages that others sealed."""
    broker = Nats(tmp_path / "nats", pick_free(), tmp_path / "nats.log")
    await broker.start()
    keys, secret = gateway_secrets
    settings = ProfileSettings(
        listen=f"127.0.0.1:{pick_free()}",
        postgres_url=(await databases("profile"))._url,
        nats_url=broker.url,
        keys_file=keys,
        service_secret_file=secret,
        leave_s=0,
    )
    profile = build_profile(settings, frozenset({"rpc", "work"}))
    serving = asyncio.create_task(profile.run())
    try:
        async with start_gateway(broker.url, peers={"profile": settings.listen}) as gateway:
            await gateway.wait_for_broker()
            yield gateway
    finally:
        profile.stopping.set()
        await asyncio.wait_for(serving, 30)
        await broker.stop()
        broker.erase()
