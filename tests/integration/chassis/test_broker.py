"""The broker goes away, comes back, or comes back empty."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import nats.errors
import pytest
from chassis.bus import Bus, Source
from chassis.database import Database
from chassis.errors import BrokerUnavailable, StreamUnsafe
from waypost_dev.nats import Nats
from waypost_dev.ports import pick_free

from tests.integration.chassis.harness import STREAM, Publisher, cursors, replica, until
from tests.integration.chassis.keyed import effects

HELD = Source(STREAM, "bulk", 1)


async def handled(database: Database, workspace_id: UUID, *keys: str) -> float:
    async def all_there() -> bool:
        return set(keys) <= set(await effects(database, workspace_id))

    return await until(all_there)


@pytest.fixture
async def bus(broker: Nats) -> AsyncIterator[Bus]:
    one = Bus(broker.url, "keyed")
    await one.start()
    await one.ensure_stream(STREAM)
    await one.ensure_consumer(HELD, 0)
    yield one
    await one.stop()


def subscriptions(bus: Bus) -> int:
    assert bus._client is not None
    return len(bus._client._subs)


async def test_a_broker_that_comes_back_empty_is_read_from_its_beginning(
    broker: Nats, database: Database, publisher: Publisher, workspace_id: UUID
) -> None:
    async with replica(database, Bus(broker.url, "keyed")) as one:
        for n in range(5):
            await publisher.send([f"old{n}"])
        await handled(database, workspace_id, *(f"old{n}" for n in range(5)))
        await broker.stop()
        broker.erase()
        await broker.start()

        async def connected() -> bool:
            return publisher.bus.connected

        await until(connected)
        await publisher.bus.ensure_stream(STREAM)
        for n in range(3):
            await publisher.send([f"new{n}"])
        assert await handled(database, workspace_id, *(f"new{n}" for n in range(3))) < 5
        assert not one.running.done()
    assert await cursors(database) == {("live", 0): [5, 3]}
    assert set((await effects(database, workspace_id)).values()) == {1}


async def test_a_killed_broker_loses_nothing_and_leaves_no_partition_deaf(
    broker: Nats, database: Database, publisher: Publisher, workspace_id: UUID
) -> None:
    keys: list[str] = []

    async def publish_for_ever() -> None:
        while True:
            key = f"k{len(keys)}"
            try:
                await publisher.send([key], partition=len(keys) % 4, message_id=key)
                keys.append(key)
            except BrokerUnavailable:
                await asyncio.sleep(0.02)

    async def more_than(count: int) -> bool:
        return len(keys) > count

    async with replica(database, Bus(broker.url, "keyed")) as one:
        publishing = asyncio.create_task(publish_for_ever())
        for _ in range(2):
            before = len(keys)
            await until(lambda before=before: more_than(before + 20))  # type: ignore[misc]
            broker.kill()
            await broker.start()
        before = len(keys)
        await until(lambda: more_than(before + 20))
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
        await handled(database, workspace_id, *keys)
        for partition in (4, 9, 15):
            await publisher.send([f"quiet{partition}"], partition=partition)
        assert await handled(database, workspace_id, "quiet4", "quiet9", "quiet15") < 3
        # One long poll a partition, the client's own inbox, and the bulk look of the moment.
        assert subscriptions(one.bus) <= 16 + 2
        assert not one.running.done()
    assert set((await effects(database, workspace_id)).values()) == {1}


async def test_a_service_started_while_the_broker_is_away_begins_when_it_comes(
    tmp_path: Path, database: Database, workspace_id: UUID
) -> None:
    late = Nats(tmp_path / "late", pick_free(), tmp_path / "late.log")
    publisher = Publisher(Bus(late.url, "publisher"), workspace_id)
    await publisher.bus.start()
    async with replica(database, Bus(late.url, "keyed")):
        began = time.monotonic()
        with pytest.raises(BrokerUnavailable):
            await publisher.send(["early"])
        assert time.monotonic() - began < 0.2
        await late.start()
        await publisher.bus.ensure_stream(STREAM)
        await publisher.send(["a"])
        await handled(database, workspace_id, "a")
    await publisher.bus.stop()
    await late.stop()


async def test_publishing_fails_at_once_when_the_broker_dies(broker: Nats, bus: Bus) -> None:
    await bus.publish(HELD.subject, b"x", "1")
    broker.kill()

    async def noticed() -> bool:
        return not bus.connected

    await until(noticed, 3)
    began = time.monotonic()
    with pytest.raises(BrokerUnavailable):
        await bus.publish(HELD.subject, b"x", "2")
    with pytest.raises(BrokerUnavailable):
        await bus.fetch(HELD, 20)
    assert time.monotonic() - began < 0.2


async def test_a_lost_connection_ends_a_long_poll_and_grows_the_epoch(broker: Nats, bus: Bus) -> None:
    epoch, before = bus.epoch, subscriptions(bus)
    polling = asyncio.create_task(bus.fetch(HELD, 20))

    async def asked() -> bool:
        return subscriptions(bus) == before + 1

    await until(asked)
    broker.kill()
    began = time.monotonic()
    with pytest.raises(BrokerUnavailable):
        await polling
    assert time.monotonic() - began < 3
    assert bus.epoch == epoch + 1
    assert subscriptions(bus) == before


async def test_fetching_leaves_no_subscription_whatever_ends_it(bus: Bus) -> None:
    before = subscriptions(bus)
    for _ in range(30):
        assert await bus.fetch(HELD, 0) is None
    assert await bus.fetch(HELD, 0.05) is None
    polling = asyncio.create_task(bus.fetch(HELD, 20))

    async def asked() -> bool:
        return subscriptions(bus) == before + 1

    await until(asked)
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    assert subscriptions(bus) == before
    # Nor does the broker still hold the cancelled request: the message goes to who asks now.
    await bus.publish(HELD.subject, b"x", "1")
    message = await bus.fetch(HELD, 1)
    assert message is not None
    assert message.data == b"x"


async def test_a_look_at_a_partition_that_another_replica_holds_comes_back(broker: Nats, bus: Bus) -> None:
    other = Bus(broker.url, "keyed")
    await other.start()
    await other.wait_connected()
    for n in range(2):
        await bus.publish(HELD.subject, b"%d" % n, str(n))
    held = await bus.fetch(HELD, 0)
    assert held is not None
    began = time.monotonic()
    assert [await other.fetch(HELD, 0) for _ in range(3)] == [None, None, None]
    assert time.monotonic() - began < 1.5
    await held.ack()

    async def next_one() -> bool:
        message = await other.fetch(HELD, 0)
        return message is not None and message.data == b"1"

    await until(next_one)
    await other.stop()


async def test_an_answer_to_a_fetch_that_gave_up_does_not_stop_the_reading(broker: Nats, bus: Bus) -> None:
    """The client's read loop ends for good when an answer meets a future that failed."""
    polling = [asyncio.create_task(bus.fetch(HELD, 20)) for _ in range(50)]

    async def asked() -> bool:
        return subscriptions(bus) > 50

    await until(asked)
    publishing = [asyncio.create_task(bus.publish(HELD.subject, b"x", str(n))) for n in range(50)]
    for task in polling:
        task.cancel()
    await asyncio.gather(*polling, return_exceptions=True)
    await asyncio.gather(*publishing)
    client = await bus.wait_connected()
    assert await client.rtt() < 5
    with pytest.raises(nats.errors.NoRespondersError):
        await client.request("nobody", b"")


async def test_a_stream_that_could_lose_messages_is_neither_written_nor_read(
    broker: Nats, database: Database, publisher: Publisher, workspace_id: UUID
) -> None:
    js = (await publisher.bus.wait_connected()).jetstream()
    await js.delete_stream(STREAM)
    await js.add_stream(name=STREAM, subjects=[f"{STREAM}.*.*"], storage="memory", duplicate_window=600)
    unsuspecting = Bus(broker.url, "careful")
    await unsuspecting.start()
    await unsuspecting.wait_connected()
    with pytest.raises(StreamUnsafe, match=r"storage is not file.*discard is not new"):
        await unsuspecting.publish(f"{STREAM}.live.0", b"x", "1")
    await unsuspecting.stop()
    async with replica(database, Bus(broker.url, "keyed")):
        await js.publish(f"{STREAM}.live.0", b"x")

        async def bound() -> bool:
            return bool(await js.consumers_info(STREAM))

        with pytest.raises(AssertionError, match="still not so"):
            await until(bound, 1)
        await js.delete_stream(STREAM)
        await publisher.bus.ensure_stream(STREAM)
        await publisher.send(["safe"])
        await handled(database, workspace_id, "safe")
