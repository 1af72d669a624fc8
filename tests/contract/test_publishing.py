"""What the outbox needs of a bus: the broker's own, and the silent one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest
from chassis.bus import Bus
from chassis.database import Database
from chassis.outbox import Outbox, Outgoing

from tests.integration.silent_bus import SilentBus


@pytest.fixture(params=["double", "real"])
async def bus(request: pytest.FixtureRequest, nats_url: str) -> AsyncIterator[Bus]:
    if request.param == "double":
        yield SilentBus("", "test")
        return
    real = Bus(nats_url, "test")
    await real.start()
    await real.ensure_stream("JOURNEY")
    yield real
    await real.stop()


async def test_what_was_published_is_marked_and_not_left_over(
    bus: Bus, databases: Callable[[str], Awaitable[Database]], workspace_id: UUID
) -> None:
    database = await databases("journey")
    outbox = Outbox(database, bus)
    records = [Outgoing("JOURNEY", [b"a", b"b"]), Outgoing("JOURNEY", [b"c"])]
    rows = await database.run(workspace_id, lambda tx: outbox.add(tx, "live", 3, records))
    assert len(rows) == 2
    for row in rows:
        sequence = await bus.publish(row.subject, row.payload, row.message_id)
        assert sequence > 0
    await outbox.publish(rows)
    await outbox.flush()
    async with database.connection() as connection:
        left = await connection.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    assert left == 0
