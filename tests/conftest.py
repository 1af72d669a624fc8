"""Engines and databases for tests: real PostgreSQL and NATS on free ports, a template database per service."""

import asyncio
import base64
import importlib
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from chassis import logs, migrations
from chassis.clock import ManualClock
from chassis.crypto import Ciphers, FileKeyProvider
from chassis.database import Database
from chassis.ids import new_id
from hypothesis import settings
from waypost_dev.nats import Nats
from waypost_dev.ports import pick_free
from waypost_dev.postgres import Postgres
from xdist.scheduler import LoadFileScheduling

Databases = Callable[[str], Awaitable[Database]]
TESTS = Path(__file__).parent
# The same examples on every machine, and however slow it is just now: what is rare has its place in tests/proofs.
settings.load_profile("ci")
# As in a service: lines of JSON. Left to itself the library paints each traceback, which takes seconds.
logs.configure("tests")
PLATFORMS_OF_THEIR_OWN = {"test_upgrade.py"}


class ByPlatform(LoadFileScheduling):  # type: ignore[misc]
    """What runs in one process: a file's tests, since some count what the others reached, and all that use the one
    platform, which takes a while to start."""

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        shares = file.parent.name == "e2e" and file.name not in PLATFORMS_OF_THEIR_OWN
        return "e2e" if shares else str(file)


def pytest_xdist_make_scheduler(config: Any, log: Any) -> ByPlatform:
    return ByPlatform(config, log)


@pytest.fixture
def workspace_id() -> UUID:
    return new_id()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 1, 12, tzinfo=UTC))


@pytest.fixture
def ciphers(tmp_path: Path) -> Ciphers:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"active": "k1", "keys": {"k1": base64.b64encode(bytes(32)).decode()}}))
    file.chmod(0o600)
    return Ciphers(FileKeyProvider(file))


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Postgres]:
    home = tmp_path_factory.mktemp("postgres")
    server = Postgres(home / "data", pick_free(), home / "log")
    await server.start()
    yield server
    await server.stop("immediate")
    server.erase()


@pytest.fixture(scope="session")
async def nats_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Nats]:
    home = tmp_path_factory.mktemp("nats")
    server = Nats(home / "data", pick_free(), home / "log")
    await server.start()
    yield server
    await server.stop("immediate")
    server.erase()


@pytest.fixture
def nats_url(nats_server: Nats) -> str:
    return nats_server.url


class Templates:
    """One migrated database per service and session; tests get copies of it."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._made: set[str] = set()

    async def copy(self, service: str) -> str:
        """The application role's URL of a fresh database."""
        admin = await asyncpg.connect(self._server.admin_url)
        try:
            if service not in self._made:
                await self._make(admin, service)
            name = f"{service}_{secrets.token_hex(4)}"
            await admin.execute(f"CREATE DATABASE {name} TEMPLATE {service}_template OWNER {service}_owner")
        finally:
            await admin.close()
        return self.url(f"{service}_app", name)

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{role}:test@127.0.0.1:{self._server.port}/{database}"

    async def empty(self, service: str) -> str:
        """The owner's URL of a fresh database without a schema."""
        name = f"{service}_{secrets.token_hex(4)}"
        admin = await asyncpg.connect(self._server.admin_url)
        try:
            await self._create(admin, service, name)
        finally:
            await admin.close()
        return self.url(f"{service}_owner", name)

    async def _make(self, admin: asyncpg.Connection, service: str) -> None:
        await self._create(admin, service, f"{service}_template")
        package = importlib.import_module(f"{service}_service")
        folder = Path(str(package.__file__)).parent / "migrations"
        url = self.url(f"{service}_owner", f"{service}_template")
        await asyncio.to_thread(migrations.upgrade, url, folder)
        self._made.add(service)

    async def _create(self, admin: asyncpg.Connection, service: str, name: str) -> None:
        for role in (f"{service}_owner", f"{service}_app"):
            if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
                await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'test' NOSUPERUSER NOBYPASSRLS")
        await admin.execute(f"CREATE DATABASE {name} OWNER {service}_owner")


@pytest.fixture(scope="session")
def templates(postgres: Postgres) -> Templates:
    return Templates(postgres)


@pytest.fixture
async def databases(templates: Templates) -> AsyncIterator[Databases]:
    """`await databases("segment")` is a started Database on a fresh copy, as the application role."""
    opened: list[Database] = []

    async def open_database(service: str) -> Database:
        database = Database(await templates.copy(service), pool_size=8)
        await database.start()
        opened.append(database)
        return database

    yield open_database
    for database in opened:
        await database.stop()
