"""A message is an effect once: the fence, the leftovers, the dead letters, and what must wait instead."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from chassis.bus import ACK_WAIT_S, LANES, Bus
from chassis.consumer import LONG_POLL_S
from chassis.database import Database
from chassis.errors import BrokerUnavailable
from structlog.testing import capture_logs
from waypost_dev.nats import Nats

from tests.integration.chassis.harness import Publisher, blocked, cursors, lock_held, replica, seal, until
from tests.integration.chassis.keyed import effects


class Mute(Bus):
    """A bus that cannot publish for as long as it is mute."""

    mute = True

    async def publish(self, subject: str, payload: bytes, message_id: str, *, timeout: float = 5.0) -> int:
        if self.mute:
            raise BrokerUnavailable("mute")
        return await super().publish(subject, payload, message_id, timeout=timeout)


async def applied(database: Database, workspace_id: UUID, *keys: str) -> None:
    async def all_there() -> bool:
        return set(keys) <= set(await effects(database, workspace_id))

    # A reader whose question went to a consumer that was just deleted may hear nothing until its long poll ends.
    await until(all_there, seconds=2 * LONG_POLL_S)


async def letters(database: Database, workspace_id: UUID) -> list[tuple[bytes, str, str]]:
    async with database.transaction(workspace_id) as tx:
        rows = await tx.fetch("SELECT record, reason, detail FROM dead_letters ORDER BY id")
    return [(r["record"], r["reason"], r["detail"]) for r in rows]


async def test_each_batch_is_one_effect_one_output_and_keeps_its_lane_and_partition(
    broker: Nats, database: Database, publisher: Publisher, workspace_id: UUID
) -> None:
    sent = {
        (lane, partition): await publisher.send(
            [f"{lane}{partition}a", f"{lane}{partition}b"], lane, partition
        )
        for lane in LANES
        for partition in (0, 7, 15)
    }
    async with replica(database, Bus(broker.url, "keyed")):
        await applied(database, workspace_id, *(f"{lane}{p}{x}" for lane, p in sent for x in "ab"))

        async def acknowledged() -> bool:
            left = [await publisher.unacknowledged(lane, p) for lane, p in sent]
            return not any(left) and len(await publisher.outputs()) == len(sent)

        await until(acknowledged)
    assert set((await effects(database, workspace_id)).values()) == {1}
    assert await cursors(database) == {at: [sequence] for at, sequence in sent.items()}
    assert sorted(await publisher.outputs()) == sorted(
        (f"MESSAGE.{lane}.{p}", [f"keyed/{lane}{p}a", f"keyed/{lane}{p}b"]) for lane, p in sent
    )


async def test_a_second_publication_is_caught_by_the_effects_own_key(
    broker: Nats, database: Database, publisher: Publisher, workspace_id: UUID
) -> None:
    async with replica(database, Bus(broker.url, "keyed")):
        await publisher.send(["a"])
        await publisher.send(["a"])
        last = await publisher.send(["b"])
        await applied(database, workspace_id, "a", "b")
    assert await effects(database, workspace_id) == {"a": 2, "b": 1}
    assert await cursors(database) == {("live", 0): [last]}
    assert [records for _, records in await publisher.outputs()] == [["keyed/a"], ["keyed/b"]]


async def test_a_redelivery_is_only_acknowledged_and_its_leftovers_are_published(
    broker: Nats, database: Database, publisher: Publisher, workspace_id: UUID
) -> None:
    bus = Mute(broker.url, "keyed")
    async with replica(database, bus, relay=False):
        await publisher.send(["a"])
        await applied(database, workspace_id, "a")
        assert await publisher.outputs() == []
        bus.mute = False

        async def acknowledged() -> bool:
            return await publisher.unacknowledged("live", 0) == 0

        await until(acknowledged)
    assert await effects(database, workspace_id) == {"a": 1}
    assert await publisher.outputs() == [("MESSAGE.live.0", ["keyed/a"])]


@pytest.mark.parametrize(
    ("poison", "reason", "detail"),
    [
        ("data", "BAD_RECORD", "a detail thatno text column takes ?"),
        ("integrity", "NotNullViolationError", ""),
        ("planner", "KeyError", ""),
        ("prepare", "DecodeError", ""),
        ("huge", "RECORD_TOO_LARGE", "1000010 bytes for MESSAGE"),
    ],
)
async def test_one_poisonous_record_is_set_aside_and_the_other_63_are_applied_once(
    broker: Nats,
    database: Database,
    publisher: Publisher,
    workspace_id: UUID,
    poison: str,
    reason: str,
    detail: str,
) -> None:
    good = [f"good{n}" for n in range(63)]
    await publisher.send([*good[:41], poison, *good[41:]])
    async with replica(database, Bus(broker.url, "keyed")):
        await applied(database, workspace_id, *good)

        async def published() -> bool:
            return len(await publisher.outputs()) == 1

        await until(published)
    assert await effects(database, workspace_id) == dict.fromkeys(good, 1)
    assert await letters(database, workspace_id) == [(seal(workspace_id, poison.encode()), reason, detail)]
    assert await cursors(database) == {("live", 0): [1]}
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM outbox") == 1
    assert await publisher.outputs() == [("MESSAGE.live.0", [f"keyed/{key}" for key in good])]


async def test_an_empty_batch_that_cannot_be_planned_ends(
    broker: Nats, database: Database, publisher: Publisher, workspace_id: UUID
) -> None:
    class Refuses:
        async def prepare(self, batch: Any) -> None:
            raise KeyError

        async def apply(self, tx: Any, batch: Any, prepared: Any) -> list[Any]:
            return []

    async with replica(database, Bus(broker.url, "keyed"), handler=Refuses()):
        await publisher.send([])

        async def moved() -> bool:
            return await cursors(database) == {("live", 0): [1]}

        await until(moved)


async def test_what_may_be_better_next_time_is_never_a_dead_letter(
    broker: Nats, database: Database, publisher: Publisher, workspace_id: UUID
) -> None:
    keys = [f"once:{word}" for word in ("deadlock", "unavailable", "client", "memory")]
    async with replica(database, Bus(broker.url, "keyed")):
        for partition, key in enumerate(keys):
            await publisher.send([key], partition=partition)
        await applied(database, workspace_id, *keys)
    assert await effects(database, workspace_id) == dict.fromkeys(keys, 1)
    assert await letters(database, workspace_id) == []


async def test_an_unreadable_batch_and_a_fault_of_ours_stop_their_partition_with_an_alarm_and_no_other(
    broker: Nats, database: Database, publisher: Publisher, workspace_id: UUID
) -> None:
    def no_seal(workspace_id: UUID, record: bytes) -> bytes:
        raise RuntimeError("made up")

    with capture_logs() as said:
        async with replica(database, Bus(broker.url, "keyed"), seal_dead_letter=no_seal):
            await publisher.bus.publish("SEND.live.3", b"\xff\xff not a batch", "x")
            await publisher.bus.publish("SEND.bulk.3", b"\xff\xff not a batch", "y")
            await publisher.send(["behind"], partition=3)
            await publisher.send(["planner"], partition=4)
            for partition in range(5, 16):
                await publisher.send([f"live{partition}"], partition=partition)
                await publisher.send([f"bulk{partition}"], "bulk", partition)
            await applied(
                database,
                workspace_id,
                *(f"{lane}{partition}" for lane in LANES for partition in range(5, 16)),
            )
    assert "behind" not in await effects(database, workspace_id)
    assert not {("live", 3), ("live", 4), ("bulk", 3)} & set(await cursors(database))
    alarms = {(line["event"], line.get("subject")) for line in said if line["log_level"] == "error"}
    assert ("batch_unreadable", "SEND.live.3") in alarms
    assert ("batch_unreadable", "SEND.bulk.3") in alarms
    assert ("batch_failed", "SEND.live.4") in alarms


async def test_a_batch_that_takes_longer_than_the_ack_wait_stays_in_one_hand(
    broker: Nats, database: Database, publisher: Publisher, workspace_id: UUID
) -> None:
    loop = asyncio.get_running_loop()
    async with (
        replica(database, Bus(broker.url, "keyed")),
        replica(database, Bus(broker.url, "keyed")),
        lock_held(database) as release,
    ):
        await publisher.send(["block:7"])
        await until(lambda: blocked(database))
        js = (await publisher.bus.wait_connected()).jetstream()

        async def other_one_asks() -> bool:
            return (await js.consumer_info("SEND", "keyed-live-0")).num_waiting == 1

        # Binding does not wait for the batch in hand.
        await until(other_one_asks, ACK_WAIT_S)
        long_enough = loop.time() + ACK_WAIT_S * 1.5

        async def passed() -> bool:
            return loop.time() > long_enough

        await until(passed)
        info = await js.consumer_info("SEND", "keyed-live-0")
        assert (info.num_ack_pending, info.num_redelivered) == (1, 0)
        await release()
        await applied(database, workspace_id, "block:7")


async def test_a_cursor_row_that_is_missing_counts_as_nothing_done(
    broker: Nats, database: Database, publisher: Publisher, workspace_id: UUID
) -> None:
    async with replica(database, Bus(broker.url, "keyed")):
        await publisher.send(["a"])
        await applied(database, workspace_id, "a")
        async with database.connection() as connection:
            await connection.execute("DELETE FROM cursors")
        await publisher.send(["b"])
        await applied(database, workspace_id, "b")


async def test_the_fence_of_a_stream_that_was_made_anew_acknowledges_nothing(
    broker: Nats, database: Database, publisher: Publisher, workspace_id: UUID
) -> None:
    async with replica(database, Bus(broker.url, "keyed")) as one:
        for key in "abc":
            await publisher.send([key])
        await applied(database, workspace_id, *"abc")
        old = await one.consumer._bind("SEND")
        js = (await publisher.bus.wait_connected()).jetstream()
        await js.delete_stream("SEND")
        await publisher.bus.ensure_stream("SEND")

        async def bound_anew() -> bool:
            return one.consumer._info is not None and one.consumer._info.incarnation != old.incarnation

        await until(bound_anew)
        # As a replica that was busy meanwhile, and never asked.
        one.consumer._info = replace(old, epoch=one.bus.epoch)
        await publisher.send(["d"], partition=1)
        await publisher.send(["e"])
        await applied(database, workspace_id, *"abcde")
    assert set((await effects(database, workspace_id)).values()) == {1}


async def test_a_cursor_ahead_of_its_stream_alarms_and_acknowledges_nothing(
    broker: Nats, database: Database, publisher: Publisher, workspace_id: UUID
) -> None:
    async with replica(database, Bus(broker.url, "keyed")):
        await publisher.send(["a"])
        await applied(database, workspace_id, "a")
    async with database.connection() as connection:
        await connection.execute("UPDATE cursors SET seq = 1000 WHERE lane = 'live' AND partition = 0")
    await publisher.send(["b"])
    with capture_logs() as said:
        async with replica(database, Bus(broker.url, "keyed")):

            async def alarmed() -> bool:
                return len([x for x in said if x["event"] == "cursor_ahead_of_stream"]) >= 2

            await until(alarmed)
    assert next(x["cursor"] for x in said if x["event"] == "cursor_ahead_of_stream") == 1000
    assert await publisher.unacknowledged("live", 0) == 1
    assert set(await effects(database, workspace_id)) == {"a"}
