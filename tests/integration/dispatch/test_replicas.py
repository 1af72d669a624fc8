"""Several senders on one database, and senders that die: nothing is lost, doubled or sent too fast."""

import asyncio
from datetime import UTC, datetime

import pytest

from .provider import DEADLINE_S
from .stage import Stage

LIMIT = 50


async def test_two_senders_share_the_limit(stage: Stage) -> None:
    for _ in range(2):
        await stage.start_process()
    await stage.template()
    await stage.limit(LIMIT)

    count = 200
    await stage.publish([stage.intention(n) for n in range(count)])
    await stage.all_reach(count)

    stats = await stage.sandbox.stats(LIMIT)
    assert (stats["messages"], stats["duplicates"]) == (count, 0)
    # Where other tests share the processors a call may arrive late, beside the next. Senders that do not know of each
    # other would fill a second twice.
    assert stats["max_in_1s_window"] <= 1.1 * LIMIT, stats
    at = sorted(datetime.fromisoformat(m["received_at"]) for m in await stage.sandbox.messages())
    used = (count - 1) / (at[-1] - at[0]).total_seconds() / LIMIT
    print(f"used {used:.3f} of the limit, fullest second {stats['max_in_1s_window']} of {LIMIT}")
    assert used > 0.5


@pytest.mark.parametrize("point", ["after_reserve", "before_call", "after_call"])
async def test_a_sender_killed_on_the_way_loses_and_doubles_nothing(stage: Stage, point: str) -> None:
    victim = await stage.start_process(CRASH_AT=f"dispatch.{point}:2")
    await stage.template()
    await stage.limit(100)
    count = 40

    await stage.publish([stage.intention(n) for n in range(count)])
    assert await asyncio.wait_for(victim.child.wait(), DEADLINE_S) == 137
    await stage.start()
    await stage.all_reach(count)

    # The provider would swallow a repeated call: that none was made shows that it was asked first.
    stats = await stage.sandbox.stats()
    assert (stats["messages"], stats["duplicates"]) == (count, 0)
    assert await stage.queued() == 0
    records = [r.meta.record_id for r in await stage.records()]
    assert len(records) == len(set(records))
    assert sum(r.endswith(":delivered") for r in records) == count


async def test_a_lone_message_is_on_its_way_at_once(stage: Stage) -> None:
    await stage.start()
    await stage.template()
    await stage.publish([stage.intention(0)])
    await stage.reached(0, "DELIVERED")

    took = []
    for number in range(1, 16):
        began = datetime.now(UTC)
        await stage.publish([stage.intention(number)], number % 16)
        await stage.reached(number, "DELIVERED")
        handset = (await stage.sandbox.messages())[-1]
        took.append((datetime.fromisoformat(handset["received_at"]) - began).total_seconds() * 1000)
    took.sort()
    print(f"SEND published to provider: median {took[7]:.1f} ms, slowest {took[-1]:.1f} ms")
    # A poll on the way would cost a second.
    assert took[7] < 300
