"""Reads streams: one durable pull consumer and one cursor per (service, stream, lane, partition), no owners.

The transaction of a batch begins by moving the cursor; a message whose sequence the cursor has passed is only
acknowledged. So a replica that is killed, or paused and woken, does no harm: the row lock and the fence decide.
A batch that fails on its data is bisected with savepoints inside that one transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import asyncpg
from google.protobuf.message import DecodeError
from nats.aio.msg import Msg
from waypost.common.v1 import record_pb2

from chassis import logs
from chassis.bus import ACK_WAIT_S, BROKER_ERRORS, PARTITIONS, Bus, Source, StreamInfo
from chassis.crash import crash_point
from chassis.crypto import SealError
from chassis.database import RETRYABLE, Database, Tx
from chassis.errors import BrokerUnavailable, DataError, ServiceError
from chassis.lanes import LaneGate
from chassis.outbox import Outbox, Outgoing, Row

LONG_POLL_S = 20.0
DATA_ERRORS = (DataError, asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, DecodeError)


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one workspace, as they came."""

    workspace_id: UUID
    source: Source
    records: Sequence[bytes]


class Handler(Protocol):
    """The use case behind a stream. `prepare` fetches remote facts with no transaction open; `apply` loads, plans
    and applies inside the batch's transaction and returns what to publish. It must be a function of its arguments
    and the database: after a bisection it runs again on a part of the batch."""

    async def prepare(self, batch: Batch) -> Any: ...

    async def apply(self, tx: Tx, batch: Batch, prepared: Any) -> list[Outgoing]: ...


Open = Callable[[bytes], record_pb2.RecordBatch]
"""Payload → batch; INGEST's decrypts first."""


@dataclass(slots=True)
class _Work:
    message: Msg
    since: float
    done: asyncio.Future[None]


class Consumer:
    """All partitions of one stream for one service."""

    def __init__(
        self,
        stream: str,
        handler: Handler,
        *,
        database: Database,
        bus: Bus,
        outbox: Outbox,
        gate: LaneGate,
        seal_dead_letter: Callable[[UUID, bytes], bytes],
        open_payload: Open = record_pb2.RecordBatch.FromString,
        after_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self._stream = stream
        self._handler = handler
        self._database = database
        self._bus = bus
        self._outbox = outbox
        self._gate = gate
        self._seal = seal_dead_letter
        self._open = open_payload
        self._after_commit = after_commit
        self._info: StreamInfo | None = None
        self._binding = asyncio.Lock()
        self._working: dict[str, _Work] = {}
        self._log = logs.get().bind(stream=stream)

    async def run(self) -> None:
        """Reads until cancelled; cancel after `drain`, so that no batch is cut."""
        async with asyncio.TaskGroup() as group:
            for partition in range(PARTITIONS):
                group.create_task(self._read_live(Source(self._stream, "live", partition)))
            group.create_task(self._read_bulk())
            group.create_task(self._keep_alive())

    async def drain(self) -> None:
        """Waits, after the gate closed, until the batches in hand are finished."""
        while self._working:
            await asyncio.wait([w.done for w in self._working.values()])

    async def _read_live(self, source: Source) -> None:
        while not self._gate.closed:
            await self._until_done(source, self._live_step)

    async def _live_step(self, source: Source, info: StreamInfo) -> None:
        message = await self._bus.fetch(source, LONG_POLL_S)
        if message is None:
            return
        async with self._gate.live():
            await self._work(source, message, info)

    async def _read_bulk(self) -> None:
        idle = 0.05
        while not self._gate.closed:
            found = False
            for partition in range(PARTITIONS):
                source = Source(self._stream, "bulk", partition)
                found |= await self._until_done(source, self._bulk_step)
            idle = 0.05 if found else min(idle * 1.5, 0.5)
            if not found:
                await self._gate.sleep(idle)

    async def _bulk_step(self, source: Source, info: StreamInfo) -> bool:
        async with self._gate.bulk() as admitted:
            if not admitted:
                return False
            message = await self._bus.fetch(source, 0)
            if message is None:
                return False
            await self._work(source, message, info)
            return True

    async def _until_done(self, source: Source, step: Callable[[Source, StreamInfo], Awaitable[Any]]) -> bool:
        """One step; anything that is not the data's fault is waited out, never dead-lettered."""
        try:
            return bool(await step(source, await self._bind(source.stream)))
        except (*BROKER_ERRORS, BrokerUnavailable) as error:
            self._info = None
            self._log.info(
                "broker_waits", subject=source.subject, error=type(error).__name__, detail=str(error)
            )
            await self._gate.sleep(0.3)
        except (ServiceError, asyncpg.PostgresError) as error:
            self._log.warning("batch_waits", subject=source.subject, detail=str(error))
            await self._gate.sleep(0.3)
        return False

    async def _bind(self, stream: str) -> StreamInfo:
        """Makes sure that stream, consumers and cursors exist, and learns the stream's incarnation."""
        if self._info is not None:
            return self._info
        async with self._binding:
            if self._info is not None:
                return self._info
            info = await self._bus.ensure_stream(stream)
            sources = [Source(stream, lane, p) for lane in ("live", "bulk") for p in range(PARTITIONS)]
            for source in sources:
                await self._bus.ensure_consumer(source)
            async with self._database.connection() as connection:
                await connection.execute(
                    _INSERT_CURSORS,
                    stream,
                    info.incarnation,
                    [s.lane for s in sources],
                    [s.partition for s in sources],
                )
                ahead = await connection.fetchval(_CURSOR_AHEAD, stream, info.incarnation, info.last_sequence)
            if ahead:
                # The stream lost what this service has already handled: acknowledging would hide the loss.
                self._log.error("cursor_ahead_of_stream", cursor=ahead, stream_last=info.last_sequence)
                raise BrokerUnavailable(
                    "a cursor is ahead of its stream; restore the stream or reset the cursor"
                )
            self._info = info
            return info

    async def _work(self, source: Source, message: Msg, info: StreamInfo) -> None:
        loop = asyncio.get_running_loop()
        work = self._working[message.reply] = _Work(message, loop.time(), loop.create_future())
        try:
            rows = await self._handle(source, message, info)
            if rows is None:
                await self._outbox.publish_leftovers(source.lane, source.partition)
            else:
                crash_point("consumer.after_commit")
                await self._outbox.publish(rows)
                crash_point("consumer.after_publish")
            await message.ack()
            self._after_commit()
        finally:
            del self._working[message.reply]
            work.done.set_result(None)

    async def _handle(self, source: Source, message: Msg, info: StreamInfo) -> list[Row] | None:
        """Runs the batch in one transaction; None when the cursor says that it was already done."""
        sequence = message.metadata.sequence.stream
        try:
            opened = self._open(message.data)
            batch = Batch(UUID(opened.workspace_id), source, opened.records)
        except (SealError, DecodeError, ValueError) as error:
            # Nothing in it can be named, so nothing can be set aside: stop this partition and say so.
            self._log.error("batch_unreadable", subject=source.subject, sequence=sequence, detail=str(error))
            raise BrokerUnavailable("a batch cannot be read") from error
        prepared = await self._handler.prepare(batch)

        async def work(tx: Tx) -> list[Row] | None:
            moved = await tx.fetchval(
                _MOVE_CURSOR, self._stream, info.incarnation, source.lane, source.partition, sequence
            )
            if moved is None:
                return None
            dead: list[tuple[bytes, BaseException]] = []
            outgoing = await self._apply(tx, batch, prepared, dead)
            if dead:
                await self._bury(tx, source, sequence, dead)
            rows = await self._outbox.add(tx, source.lane, source.partition, _joined(outgoing))
            crash_point("consumer.before_commit")
            return rows

        return await self._database.run(batch.workspace_id, work)

    async def _apply(
        self, tx: Tx, batch: Batch, prepared: Any, dead: list[tuple[bytes, BaseException]]
    ) -> list[Outgoing]:
        """Applies the batch; on a data error halves it until the faulty records stand alone in `dead`."""
        try:
            async with tx.savepoint():
                return await self._handler.apply(tx, batch, prepared)
        except DATA_ERRORS as error:
            if len(batch.records) == 1:
                dead.append((batch.records[0], error))
                return []
        except (*RETRYABLE, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, ServiceError):
            raise
        except Exception as error:  # noqa: BLE001 - a planner that raises names a record it cannot handle
            if len(batch.records) == 1:
                self._log.exception("planner_failed", subject=batch.source.subject)
                dead.append((batch.records[0], error))
                return []
        middle = len(batch.records) // 2
        parts = (batch.records[:middle], batch.records[middle:])
        outgoing: list[Outgoing] = []
        for part in parts:
            outgoing += await self._apply(tx, Batch(batch.workspace_id, batch.source, part), prepared, dead)
        return outgoing

    async def _bury(
        self, tx: Tx, source: Source, sequence: int, dead: Sequence[tuple[bytes, BaseException]]
    ) -> None:
        reasons = [e.reason if isinstance(e, DataError) else type(e).__name__ for _, e in dead]
        details = [e.detail if isinstance(e, DataError) else "" for _, e in dead]
        sealed = [self._seal(tx.workspace_id, record) for record, _ in dead]
        await tx.execute(_BURY, tx.workspace_id, source.subject, sequence, sealed, reasons, details)
        self._log.error(
            "dead_letters", subject=source.subject, sequence=sequence, count=len(dead), reasons=reasons[:5]
        )

    async def _keep_alive(self) -> None:
        """Tells the broker about batches that take long, so that it does not hand them to another replica."""
        loop = asyncio.get_running_loop()
        while not self._gate.closed or self._working:
            await asyncio.sleep(ACK_WAIT_S / 4)
            for work in list(self._working.values()):
                if loop.time() - work.since > ACK_WAIT_S / 4 and self._bus.connected:
                    await work.message.in_progress()


def _joined(outgoing: Sequence[Outgoing]) -> list[Outgoing]:
    """One output per stream, so that a bisected batch still leaves as one."""
    by_stream: dict[str, list[bytes]] = {}
    for output in outgoing:
        by_stream.setdefault(output.stream, []).extend(output.records)
    return [Outgoing(stream, records) for stream, records in by_stream.items()]


_INSERT_CURSORS = """
INSERT INTO cursors (stream, incarnation, lane, partition, seq)
SELECT $1, $2, l, p, 0 FROM unnest($3::text[], $4::int[]) AS t (l, p) ON CONFLICT DO NOTHING
"""
_CURSOR_AHEAD = "SELECT max(seq) FROM cursors WHERE stream = $1 AND incarnation = $2 AND seq > $3"
_MOVE_CURSOR = """
UPDATE cursors SET seq = $5
WHERE stream = $1 AND incarnation = $2 AND lane = $3 AND partition = $4 AND seq < $5 RETURNING 1
"""
_BURY = """
INSERT INTO dead_letters (workspace_id, subject, seq, record, reason, detail)
SELECT $1, $2, $3, r, w, d FROM unnest($4::bytea[], $5::text[], $6::text[]) AS t (r, w, d)
"""
