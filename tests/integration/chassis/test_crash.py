"""A replica dies at every named point of a batch's way; the next one finishes the work, and does none of it twice."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path

from chassis.bus import Bus
from chassis.crash import POINTS
from chassis.database import Database
from waypost_dev.nats import Nats

from tests.integration.chassis.harness import Process, Publisher, cursors, replica, until
from tests.integration.chassis.keyed import effects

MINE = tuple(point for point in POINTS if point.startswith(("consumer.", "outbox.")))
KEYS = [f"k{n}" for n in range(8)]


def test_the_points_of_this_library_are_all_there() -> None:
    assert set(MINE) == {
        "consumer.before_commit",
        "consumer.after_commit",
        "consumer.after_publish",
        "outbox.before_mark",
    }


async def test_a_death_at_any_point_loses_and_doubles_nothing(
    broker: Nats, publisher: Publisher, databases: Callable[[str], Awaitable[Database]], tmp_path: Path
) -> None:
    """One service per point, all reading the same stream at the same time."""
    names = {point: point.replace(".", "-").replace("_", "-") for point in MINE}
    stores = {point: await databases("journey") for point in MINE}
    for n, key in enumerate(KEYS):
        await publisher.send([key], "bulk" if n % 4 == 3 else "live", n % 3)
    with ExitStack() as stack:
        processes = {
            point: stack.enter_context(
                Process(
                    stores[point], broker.url, tmp_path, name=names[point], crash=f"{point}:{passes(point)}"
                )
            )
            for point in MINE
        }
        for point, process in processes.items():
            await until(process.ended, 40)
            assert process.child.returncode == 137, (point, process.log.read_text()[-2000:])
    await asyncio.gather(*(finish(stores[p], broker, publisher, names[p]) for p in MINE))
    outputs = [record for _, records in await publisher.outputs() for record in records]
    assert sorted(outputs) == sorted(f"{name}/{key}" for name in names.values() for key in KEYS)


def passes(point: str) -> int:
    """The second batch, so that one is whole; but marking is done for all that was published since it was last done,
    which may well be everything at once."""
    return 1 if point == "outbox.before_mark" else 2


async def finish(database: Database, broker: Nats, publisher: Publisher, name: str) -> None:
    async with replica(database, Bus(broker.url, name), name=name):

        async def done() -> bool:
            left = [
                await publisher.unacknowledged(lane, partition, name)
                for lane, partition in {("bulk" if n % 4 == 3 else "live", n % 3) for n in range(len(KEYS))}
            ]
            return not any(left) and await unpublished(database) == 0

        await until(done, 20)
    assert await effects(database, publisher.workspace_id) == dict.fromkeys(KEYS, 1), name
    assert len([s for seqs in (await cursors(database)).values() for s in seqs]) == 5


async def unpublished(database: Database) -> int:
    async with database.connection() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"))
