"""The whole platform, once a session, as separate processes on engines of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from waypost_dev import names
from waypost_dev.demo.client import Client
from waypost_dev.stack import Stack

from tests.e2e.collector import Collector, collecting


async def handset_messages(stack: Stack) -> list[dict[str, object]]:
    """Every message that reached a handset."""
    url = f"http://{stack.environment.address('sandbox')}/control/messages"
    async with aiohttp.ClientSession() as session, session.get(url, params={"limit": "1000"}) as answer:
        found: list[dict[str, object]] = (await answer.json())["messages"]
        return found


def client_of(stack: Stack) -> Client:
    env = stack.env
    return Client(env["WAYPOST_URL"], env["WAYPOST_WRITE_KEY"], env["WAYPOST_SECRET_KEY"])


@pytest.fixture(scope="session")
async def collector() -> AsyncIterator[Collector]:
    async with collecting() as running:
        yield running


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> AsyncIterator[Stack]:
    home: Path = tmp_path_factory.mktemp("stack")
    running = Stack(home, overrides=dict.fromkeys(names.PROGRAMS, collector.environment()))
    await running.start()
    yield running
    await running.stop("immediate")
    running.engines.erase()
