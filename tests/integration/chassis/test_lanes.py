"""Live and bulk on one replica, between a real broker and a real database: who goes first, and how often bulk goes."""

from collections.abc import Awaitable, Callable
from itertools import pairwise
from uuid import UUID

from chassis.bus import PARTITIONS, Bus
from chassis.database import Database, Tx
from chassis.handling import Batch
from chassis.lanes import LIVE_PER_BULK
from chassis.outbox import Outgoing
from waypost_dev.nats import Nats

from tests.integration.chassis.harness import Publisher, blocked, lock_held, replica, until
from tests.integration.chassis.keyed import KeyedHandler

HOLD = "block:7"


class Watched(KeyedHandler):
    """Notes the lane of each batch as its transaction begins, and how many bulk batches ran at the same time."""

    def __init__(self) -> None:
        super().__init__("keyed")
        self.began: list[str] = []
        self.done: list[str] = []
        self.bulk_at_once = 0

    async def apply(self, tx: Tx, batch: Batch, prepared: int) -> list[Outgoing]:
        lane = batch.source.lane
        self.began.append(lane)
        self.bulk_at_once = max(self.bulk_at_once, self.began.count("bulk") - self.done.count("bulk"))
        try:
            return await super().apply(tx, batch, prepared)
        finally:
            self.done.append(lane)

    def finished(self, lane: str, count: int) -> Callable[[], Awaitable[bool]]:
        async def so() -> bool:
            return self.done.count(lane) >= count

        return so


async def test_live_goes_on_while_one_bulk_batch_takes_for_ever_and_no_second_begins(
    database: Database, broker: Nats, publisher: Publisher, workspace_id: UUID
) -> None:
    handler = Watched()
    async with replica(database, Bus(broker.url, "keyed"), handler=handler), lock_held(database) as release:
        for partition in range(PARTITIONS):
            await publisher.send([HOLD], "bulk", partition)
        await until(lambda: blocked(database))
        for number in range(3 * LIVE_PER_BULK):
            await publisher.send([f"live{number}"], "live", number % PARTITIONS)
        await until(handler.finished("live", 3 * LIVE_PER_BULK), seconds=60)
        assert (handler.began.count("bulk"), handler.done.count("bulk")) == (1, 0)
        await release()
        await until(handler.finished("bulk", PARTITIONS), seconds=60)
    assert handler.bulk_at_once == 1


async def test_when_live_never_ends_bulk_gets_one_batch_in_twenty(
    database: Database, broker: Nats, publisher: Publisher, workspace_id: UUID
) -> None:
    handler, rounds = Watched(), 5
    async with replica(database, Bus(broker.url, "keyed"), handler=handler), lock_held(database) as release:
        # A live batch that takes for ever: from here on live is never empty.
        await publisher.send([HOLD], "live", 0)
        await until(lambda: blocked(database))
        before = handler.began.count("bulk")
        for number in range(2 * rounds):
            await publisher.send([f"bulk{number}"], "bulk", number % PARTITIONS)
        sent = 0
        while handler.began.count("bulk") < rounds:
            assert sent < 5 * rounds * LIVE_PER_BULK, "bulk starves"
            for _ in range(LIVE_PER_BULK):
                await publisher.send([f"live{sent}"], "live", 1 + sent % (PARTITIONS - 1))
                sent += 1
            await until(handler.finished("live", sent), seconds=60)
        await until(handler.finished("bulk", rounds), seconds=60)
        turns = [n for n, lane in enumerate(handler.began) if lane == "bulk"]
        await release()
        await until(handler.finished("bulk", 2 * rounds), seconds=60)
    assert before == 0
    assert len(turns) >= rounds
    # A batch begins a moment after it got its turn, so live ones that ran beside it may stand on either side.
    assert all(later - earlier > LIVE_PER_BULK - 4 for earlier, later in pairwise(turns))
