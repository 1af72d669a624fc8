"""The release before this one and this one work side by side, on one database and one stream, while a town lives."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from waypost_dev.demo.client import Client, batches
from waypost_dev.names import SERVICES, WITH_DATABASE
from waypost_dev.ports import Ports
from waypost_dev.stack import Stack

from tests.balancer import Balancer
from tests.e2e.conftest import client_of, handset_messages
from tests.releases import Release, previous
from tests.scenario import Outcome, Town, observe, settle

READY_S = 90.0
THIS = 2
"""The replica number of this release's processes; those of the last one have the services' own names."""


@asynccontextmanager
async def old_stack(home: Path, old: Release) -> AsyncIterator[Stack]:
    """The whole platform of the old release. Calls go to any replica, of either release."""
    ports = Ports(home / "ports.json")
    balancers = {name: Balancer([ports.get(name), ports.get(f"{name}-{THIS}")]) for name in WITH_DATABASE}
    addresses = {name: await balancer.start() for name, balancer in balancers.items()}
    shared = {
        **old.environment,
        "WAYPOST_PEERS": ",".join(f"{name}={address}" for name, address in addresses.items()),
        "DISPATCH_PUBLIC_URL": f"http://{addresses['gateway']}",
    }
    told = dict.fromkeys(WITH_DATABASE, shared)
    stack = Stack(
        home, overrides={**told, **{f"{name}-{THIS}": {"PYTHONPATH": ""} for name in WITH_DATABASE}}
    )
    await stack.start()
    try:
        yield stack
    finally:
        await stack.stop("immediate")
        stack.engines.erase()
        for balancer in balancers.values():
            await balancer.stop()


async def play_and_upgrade(stack: Stack, town: Town, old: Client, new: Client) -> None:
    """The town's life in four parts: before, under this release's migrations, with both releases, after."""
    history = list(batches(town.history(), 25))
    # Whoever will be written to has told a telephone number in the first two parts.
    cuts = [int(len(history) * share) for share in (0, 0.35, 0.7, 0.85, 1)]
    parts = [history[start:end] for start, end in pairwise(cuts)]
    await _send(parts[0], [old])
    await asyncio.gather(_send(parts[1], [old]), *(stack.migrate(f"{name}-{THIS}") for name in WITH_DATABASE))
    # Runs that the old release begins, and whichever is there then ends.
    await _send(batches(town.live()[1 : town.carts : 2], 10), [old], lane="live")
    for name in WITH_DATABASE:
        await stack.start_replica(name, THIS)
    for name in WITH_DATABASE:
        await stack.wait_ready(f"{name}-{THIS}", READY_S)
    live = town.live()
    await _send(batches(live[: town.carts : 2], 1), [old, new], lane="live")
    await _send(batches(live[town.carts :], 1), [new, old], lane="live")
    await _send(parts[2], [old, new])
    await asyncio.gather(_send(parts[3], [new]), _leave(stack))


async def _send(parts: Iterable[list[dict[str, Any]]], doors: Sequence[Client], lane: str = "bulk") -> None:
    """Through each door in turn."""
    for number, calls in enumerate(parts):
        await doors[number % len(doors)].ingest(calls, lane=lane)


async def _leave(stack: Stack) -> None:
    for name in ("gateway", *SERVICES):
        await stack.stop_process(name)


async def upgraded(home: Path, town: Town, old: Release, seconds: float) -> Outcome:
    """What the platform says when the town has lived through the upgrade."""
    async with old_stack(home, old) as stack, client_of(stack) as before:
        env = stack.env
        url = f"http://{stack.environment.address(f'gateway-{THIS}')}"
        async with Client(url, env["WAYPOST_WRITE_KEY"], env["WAYPOST_SECRET_KEY"]) as after:
            await town.set_up(before)
            await play_and_upgrade(stack, town, before, after)
            await settle(stack, after, seconds)
            return await observe(stack, after, await handset_messages(stack))


async def test_an_upgrade_in_the_middle_of_everything_changes_nothing(tmp_path: Path) -> None:
    old = previous()
    print("the release before:", old.name)
    for name in ("chassis", "waypost.common.v1.record_pb2", "profile_service"):
        assert str(old.file_of(name)).startswith(tuple(old.path.split(":")))
    town = Town(size=80, carts=16, patience="20s")
    found = await upgraded(tmp_path, town, old, seconds=120)
    expected = town.expected()
    assert found.people == expected.people
    assert found.events == expected.events
    assert found.segment == expected.segment
    assert found.handsets == expected.handsets
    assert found.rfm == expected.rfm
