"""Replicas inside the test's loop and as processes, a publisher, and waiting for what must come true."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import nats
import nats.js.errors
from chassis.bus import Bus, Lane, Source
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.ids import new_id
from chassis.lanes import LaneGate
from chassis.outbox import Outbox
from waypost.common.v1 import record_pb2
from waypost_dev.ports import pick_free
from waypost_dev.process import Child, Command

from tests.integration.chassis.keyed import KeyedHandler

ROOT = Path(__file__).parents[3]
STREAM = "SEND"
LOCK = 7


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 15.0) -> float:
    """Polls until it is so; how many seconds that took. Fails at the deadline."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not await holds():
        assert loop.time() - began < seconds, f"still not so after {seconds} s"
        await asyncio.sleep(0.02)
    return loop.time() - began


def seal(workspace_id: UUID, record: bytes) -> bytes:
    """Stands for a cipher: what is stored is not what came."""
    return b"sealed " + record


@dataclass
class Replica:
    bus: Bus
    outbox: Outbox
    gate: LaneGate
    consumer: Consumer
    running: "asyncio.Future[Any]"


@asynccontextmanager
async def replica(
    database: Database, bus: Bus, *, name: str = "keyed", relay: bool = True, **options: Any
) -> AsyncIterator[Replica]:
    outbox, gate = Outbox(database, bus), LaneGate(4)
    given = {"seal_dead_letter": seal, **options}
    handler = given.pop("handler", None) or KeyedHandler(name)
    consumer = Consumer(STREAM, handler, database=database, bus=bus, outbox=outbox, gate=gate, **given)
    await bus.start()
    sweeping = asyncio.create_task(outbox.relay()) if relay else None
    running = asyncio.create_task(consumer.run())
    try:
        yield Replica(bus, outbox, gate, consumer, running)
        assert not running.done(), "the consumer ended by itself"
    finally:
        gate.close()
        await consumer.drain()
        tasks = [t for t in (running, sweeping) if t]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await bus.stop()


class Process:
    """A replica as a process of its own; its log is for when a test fails."""

    def __init__(
        self, database: Database, nats_url: str, folder: Path, *, name: str = "keyed", crash: str = ""
    ) -> None:
        secret = folder / "secret"
        secret.write_text("ab" * 32)
        self.port = pick_free()
        self.log = folder / f"{name}-{self.port}.log"
        environment = {
            **os.environ,
            "REPLICA_NAME": name,
            "REPLICA_LISTEN": f"127.0.0.1:{self.port}",
            "REPLICA_POSTGRES_URL": database._url,
            "REPLICA_NATS_URL": nats_url,
            "REPLICA_SECRET_FILE": str(secret),
            "CRASH_AT": crash,
        }
        argv = [sys.executable, "-m", "tests.integration.chassis.replica"]
        self.child = Child(Command(argv, self.log, env=environment, cwd=ROOT))

    async def ended(self) -> bool:
        return not self.child.running

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.child.kill()


class Publisher:
    """Puts batches on SEND and looks at what came of them."""

    def __init__(self, bus: Bus, workspace_id: UUID) -> None:
        self.bus = bus
        self.workspace_id = workspace_id

    async def send(
        self, keys: Sequence[str], lane: Lane = "live", partition: int = 0, message_id: str = ""
    ) -> int:
        batch = record_pb2.RecordBatch(
            batch_id=str(new_id()),
            workspace_id=str(self.workspace_id),
            records=[k.encode() for k in keys],
        )
        subject = Source(STREAM, lane, partition).subject
        return await self.bus.publish(subject, batch.SerializeToString(), message_id or str(new_id()))

    async def outputs(self, stream: str = "MESSAGE") -> list[tuple[str, list[str]]]:
        """Every message of the stream: its subject and records."""
        js = (await self.bus.wait_connected()).jetstream()
        try:
            last = (await js.stream_info(stream)).state.last_seq
        except nats.js.errors.NotFoundError:
            return []
        found = [await js.get_msg(stream, seq) for seq in range(1, last + 1)]
        batches = [(m.subject, record_pb2.RecordBatch.FromString(m.data)) for m in found]
        return [(subject, [r.decode() for r in batch.records]) for subject, batch in batches]

    async def unacknowledged(self, lane: Lane, partition: int, name: str = "keyed") -> int:
        js = (await self.bus.wait_connected()).jetstream()
        info = await js.consumer_info(STREAM, f"{name}-{lane}-{partition}")
        return (info.num_pending or 0) + (info.num_ack_pending or 0)


async def cursors(database: Database) -> dict[tuple[str, int], list[int]]:
    """(lane, partition) → sequences of the incarnations, oldest first; untouched ones are left out."""
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT * FROM cursors WHERE seq > 0 ORDER BY incarnation")
    found: dict[tuple[str, int], list[int]] = {}
    for row in rows:
        found.setdefault((row["lane"], row["partition"]), []).append(row["seq"])
    return found


@asynccontextmanager
async def lock_held(database: Database) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Whoever handles `block:7` waits inside its transaction until the yielded function is called."""
    connection = await asyncpg.connect(database._url)
    await connection.execute("SELECT pg_advisory_lock($1::bigint)", LOCK)

    async def release() -> None:
        await connection.execute("SELECT pg_advisory_unlock_all()")

    try:
        yield release
    finally:
        await connection.close()


async def blocked(database: Database) -> bool:
    async with database.connection() as connection:
        waiting = await connection.fetchval(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        )
    return bool(waiting)
