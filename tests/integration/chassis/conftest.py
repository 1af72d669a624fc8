"""A broker per test: streams have fixed names, and these tests kill and erase it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest
from chassis.bus import Bus
from chassis.database import Database
from waypost_dev.nats import Nats
from waypost_dev.ports import pick_free

from tests.integration.chassis.harness import STREAM, Publisher


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Nats]:
    server = Nats(tmp_path / "nats", pick_free(), tmp_path / "nats.log")
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def database(databases: Callable[[str], Awaitable[Database]]) -> Database:
    return await databases("journey")


@pytest.fixture
async def publisher(broker: Nats, workspace_id: UUID) -> AsyncIterator[Publisher]:
    bus = Bus(broker.url, "publisher")
    await bus.start()
    await bus.ensure_stream(STREAM)
    yield Publisher(bus, workspace_id)
    await bus.stop()
