"""Every process is killed in turn while a town lives its day; the end is as if nothing had happened."""

import asyncio

from waypost_dev import names
from waypost_dev.stack import Stack

from tests.e2e.conftest import client_of, handset_messages
from tests.scenario import Town, observe, settle

READY_S = 90.0


async def kill_each(stack: Stack) -> None:
    """SIGKILL, a second of absence, and back, for every program and engine."""
    for name in names.ALL:
        stack.kill(name)
        await asyncio.sleep(1)  # the outage itself, not a wait for something
        await stack.start_process(name)
        await stack.wait_ready(name, READY_S)


async def test_nothing_is_lost_or_doubled_when_every_process_is_killed(stack: Stack) -> None:
    town = Town(size=120, carts=30, patience="60s")
    async with client_of(stack) as client:
        await town.set_up(client)
        await town.play(client, lambda: kill_each(stack))
        await settle(stack, client, seconds=150)
        found = await observe(stack, client, await handset_messages(stack))
    expected = town.expected()
    found = found.about(expected)
    assert found.people == expected.people
    assert found.events == expected.events
    assert found.segment == expected.segment
    assert found.handsets == expected.handsets
    assert found.rfm == expected.rfm
