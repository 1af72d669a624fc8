"""The gate, stepped by a script: nothing here waits for time."""

import asyncio
import random

import pytest
from chassis.lanes import LIVE_PER_BULK, LaneGate


async def turns(count: int = 10) -> None:
    """Lets every task that can run do so."""
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.fixture
def gate() -> LaneGate:
    return LaneGate(4)


async def bulk(gate: LaneGate, *, waiting: bool = True) -> bool:
    """Whether bulk is admitted at once; takes a batch then, if one is waiting."""

    async def look() -> bool:
        async with gate.bulk() as admitted:
            if admitted and waiting:
                gate.took_bulk()
            return admitted

    looking = asyncio.create_task(look())
    await turns()
    if looking.done():
        return looking.result()
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    return False


async def live(gate: LaneGate, times: int) -> None:
    for _ in range(times):
        async with gate.live():
            pass


async def test_bulk_goes_at_once_when_nothing_is_live(gate: LaneGate) -> None:
    assert [await bulk(gate) for _ in range(5)] == [True] * 5


async def test_bulk_waits_while_a_live_batch_is_in_hand(gate: LaneGate) -> None:
    async with gate.live():
        assert [await bulk(gate) for _ in range(5)] == [False] * 5
    assert await bulk(gate)


async def test_a_live_batch_that_waits_for_a_slot_gets_it_and_bulk_waits_on(gate: LaneGate) -> None:
    outs = [asyncio.Event() for _ in range(6)]
    inside: list[int] = []

    async def hold(number: int) -> None:
        async with gate.live():
            inside.append(number)
            await outs[number].wait()

    batches = [asyncio.create_task(hold(number)) for number in range(6)]
    await turns()
    assert inside == [0, 1, 2, 3]
    for number in range(6):
        assert await bulk(gate) is False
        outs[number].set()
        await batches[number]
    assert inside == [0, 1, 2, 3, 4, 5]
    assert await bulk(gate) is True


async def test_when_live_never_ends_bulk_gets_one_in_twenty(gate: LaneGate) -> None:
    shares: list[bool] = []
    async with gate.live():  # Live is never empty.
        for _ in range(200):
            await live(gate, 1)
            shares.append(await bulk(gate))
    assert LIVE_PER_BULK == 20
    assert sum(shares) == 10
    assert [n for n, share in enumerate(shares, 1) if share] == list(range(20, 201, 20))


async def test_looking_into_empty_partitions_costs_nothing_of_the_share(gate: LaneGate) -> None:
    async with gate.live():
        await live(gate, 20)
        for _ in range(15):
            assert await bulk(gate, waiting=False)
        assert await bulk(gate, waiting=True)
        assert not await bulk(gate)


async def test_no_more_live_batches_at_once_than_slots_and_one_bulk(gate: LaneGate) -> None:
    """A scripted storm: tasks step in a random order of a fixed seed."""
    order = random.Random(7)
    now = {"live": 0, "bulk": 0}
    most = dict(now)

    async def batch(lane: str) -> None:
        door = gate.live() if lane == "live" else gate.bulk()
        async with door as admitted:
            if lane == "bulk" and not admitted:
                return
            now[lane] += 1
            most[lane] = max(most[lane], now[lane])
            await turns(order.randrange(1, 9))
            now[lane] -= 1

    await asyncio.gather(*(batch(order.choice(["live", "bulk", "live"])) for _ in range(300)))
    assert most["live"] == 4
    assert most["bulk"] == 1
    assert now == {"live": 0, "bulk": 0}


async def test_a_failure_gives_the_slot_back(gate: LaneGate) -> None:
    for _ in range(10):
        with pytest.raises(KeyError):
            async with gate.live():
                raise KeyError
    assert await bulk(gate)


async def test_bulk_goes_as_soon_as_its_turn_comes(gate: LaneGate) -> None:
    admitted = asyncio.Event()

    async def look() -> None:
        async with gate.bulk():
            admitted.set()

    async with gate.live():
        looking = asyncio.create_task(look())
        await turns()
        assert not admitted.is_set()
    await looking
    assert admitted.is_set()


async def test_closing_wakes_who_waits_for_bulks_turn(gate: LaneGate) -> None:
    async with gate.live():

        async def look() -> bool:
            async with gate.bulk() as admitted:
                return admitted

        looking = asyncio.create_task(look())
        await turns()
        gate.close()
        assert not await looking


async def test_closing_admits_no_bulk_and_wakes_sleepers() -> None:
    gate = LaneGate(1)
    sleeping = asyncio.create_task(gate.sleep(3600))
    await turns()
    gate.close()
    await sleeping
    assert gate.closed
    assert not await bulk(gate)
