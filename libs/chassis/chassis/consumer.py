"""Reads streams: one durable pull consumer and one cursor per (service, stream, lane, partition), no owners.

The transaction of a batch begins by moving the cursor; a message whose sequence the cursor has passed is only
acknowledged. So a replica that is killed, or paused and woken, does no harm: the row lock and the fence decide.
A batch that fails on its data is bisected with savepoints inside that one transaction.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from google.protobuf.message import DecodeError
from nats.aio.msg import Msg
from waypost.common.v1 import record_pb2

from chassis import handling, logs, metrics, semconv, tracing
from chassis.bus import ACK_WAIT_S, BROKER_ERRORS, LANES, PARTITIONS, Bus, Source, StreamInfo
from chassis.crash import crash_point
from chassis.crypto import SealError
from chassis.database import Database, Tx
from chassis.errors import BrokerUnavailable, ServiceError
from chassis.handling import Batch, Dead, Handler
from chassis.lanes import LaneGate
from chassis.outbox import Outbox, Outgoing, Row

__all__ = ["LONG_POLL_S", "Batch", "Consumer", "Handler", "Open"]

BULK_ROUND_S = 5.0
"""All bulk partitions are looked into this often. Who publishes there says so, but that may get lost."""
LONG_POLL_S = 20.0
RETRY_S = 0.3


class UnreadableBatch(Exception):
    """A message in which nothing can be named, so nothing can be set aside: its partition stops."""


Open = Callable[[bytes], record_pb2.RecordBatch]
"""Payload → batch; INGEST's decrypts first."""
Opening = Callable[[UUID], str]
"""Workspace → a statement that each batch's transaction begins with, such as a lock."""


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
        opening: Opening = lambda _: "",
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
        self._opening = opening
        self._info: StreamInfo | None = None
        self._binding = asyncio.Lock()
        self._bulk_due: dict[int, None] = {}
        """Partitions where something may wait, in turn."""
        self._bulk_came = asyncio.Event()
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

    async def _live_step(self, source: Source, info: StreamInfo) -> bool:
        message = await self._bus.fetch(source, LONG_POLL_S)
        if message is None:
            _pending(source, 0)
            return False
        async with self._gate.live():
            if self._gate.closed:
                await self._answer(info, message.nak)
                return False
            await self._work(source, message, info)
        return True

    async def _read_bulk(self) -> None:
        """Goes round the partitions where something may wait, so that none starves another."""
        with contextlib.suppress(*BROKER_ERRORS):
            await self._bus.on_bulk(self._stream, self._look_into)
        clock, next_round = asyncio.get_running_loop().time, 0.0
        while not self._gate.closed:
            if clock() >= next_round:
                self._look_into(range(PARTITIONS))
                next_round = clock() + BULK_ROUND_S
            if not self._bulk_due:
                self._bulk_came.clear()
                await self._gate.sleep(next_round - clock(), self._bulk_came)
                continue
            partition = next(iter(self._bulk_due))
            del self._bulk_due[partition]
            if await self._until_done(Source(self._stream, "bulk", partition), self._bulk_step):
                self._look_into([partition])

    def _look_into(self, partitions: Iterable[int]) -> None:
        self._bulk_due |= dict.fromkeys(partitions)
        self._bulk_came.set()

    async def _bulk_step(self, source: Source, info: StreamInfo) -> bool:
        async with self._gate.bulk() as admitted:
            if not admitted:
                return False
            message = await self._bus.fetch(source, 0)
            if message is None:
                _pending(source, 0)
                return False
            self._gate.took_bulk()
            await self._work(source, message, info)
            return True

    async def _until_done(
        self, source: Source, step: Callable[[Source, StreamInfo], Awaitable[bool]]
    ) -> bool:
        """One step, which says whether there was a batch; anything that is not the data's fault is waited out, never
        dead-lettered. Nothing that a batch does may end the reader: the message is not acknowledged, and comes
        again."""
        try:
            return await step(source, await self._bind(source.stream))
        except (*BROKER_ERRORS, BrokerUnavailable) as error:
            self._info = None
            self._log.info(
                "broker_waits", subject=source.subject, error=type(error).__name__, detail=str(error)
            )
        except (ServiceError, asyncpg.PostgresError) as error:
            self._log.warning("batch_waits", subject=source.subject, detail=str(error))
        except UnreadableBatch as error:
            self._log.error("batch_unreadable", subject=source.subject, detail=str(error))
        except Exception:  # noqa: BLE001 - a fault of ours stops its partition, with an alarm, and no other
            self._log.exception("batch_failed", subject=source.subject)
        await self._gate.sleep(RETRY_S)
        return False

    async def _bind(self, stream: str) -> StreamInfo:
        """Makes sure that stream and consumers exist, and learns the stream's incarnation: anew on every
        connection, since behind a new one may be a broker that lost its streams."""
        if self._info is not None and self._info.epoch == self._bus.epoch:
            return self._info
        async with self._binding:
            if self._info is not None and self._info.epoch == self._bus.epoch:
                return self._info
            try:
                self._info = await self._bound(stream)
            except BaseException:
                # The lock is kept meanwhile: seventeen readers would otherwise ask, and complain, at once.
                await self._gate.sleep(RETRY_S)
                raise
            return self._info

    async def _bound(self, stream: str) -> StreamInfo:
        info = await self._look(stream)
        async with self._database.connection() as connection:
            rows = await connection.fetch(_CURSORS, stream, info.incarnation)
        done = {(r["lane"], r["partition"]): r["seq"] for r in rows}
        for lane in LANES:
            for partition in range(PARTITIONS):
                source = Source(stream, lane, partition)
                await self._bus.ensure_consumer(source, done.get((lane, partition), 0))
        return info

    async def _look(self, stream: str) -> StreamInfo:
        """The stream as it is now; refuses one that has lost what this service has already handled, because
        acknowledging would hide the loss."""
        info = await self._bus.ensure_stream(stream)
        async with self._database.connection() as connection:
            ahead = await connection.fetchval(_CURSOR_AHEAD, stream, info.incarnation, info.last_sequence)
        if ahead:
            self._log.error("cursor_ahead_of_stream", cursor=ahead, stream_last=info.last_sequence)
            raise BrokerUnavailable("a cursor is ahead of its stream; restore the stream or reset the cursor")
        return info

    async def _work(self, source: Source, message: Msg, info: StreamInfo) -> None:
        loop = asyncio.get_running_loop()
        waiting = _taken_up(source, message)
        work = self._working[message.reply] = _Work(message, loop.time(), loop.create_future())
        outcome = "failed"
        try:
            outcome = "done" if await self._do(source, message, info) else "repeat"
            _pending(source, waiting)
        finally:
            metrics.BATCHES.labels(source.stream, source.lane, outcome).observe(loop.time() - work.since)
            del self._working[message.reply]
            work.done.set_result(None)

    async def _do(self, source: Source, message: Msg, info: StreamInfo) -> bool:
        """Handles, publishes and acknowledges the batch; False when it was already done, and is only acknowledged."""
        opened = self._opened(message)
        with tracing.batch(source.stream, self._bus.service, opened.records) as records:
            rows = await self._handle(Batch(UUID(opened.workspace_id), source, records), message, info)
            if rows is None:
                tracing.mark(semconv.REPEAT, True)
                await self._check_done(info)
                await self._outbox.publish_leftovers(source.lane, source.partition)
            else:
                crash_point("consumer.after_commit")
                await self._outbox.publish(rows)
                crash_point("consumer.after_publish")
        await self._answer(info, message.ack)
        self._after_commit()
        if rows is not None:
            metrics.RECORDS.labels(source.stream, source.lane).inc(len(records))
        return rows is not None

    def _opened(self, message: Msg) -> record_pb2.RecordBatch:
        try:
            opened = self._open(message.data)
            UUID(opened.workspace_id)
        except (SealError, DecodeError, ValueError) as error:
            raise UnreadableBatch(f"sequence {message.metadata.sequence.stream}: {error}") from error
        return opened

    async def _check_done(self, info: StreamInfo) -> None:
        """Before the fence's word is taken: it counts only in the incarnation that the message is of."""
        if (await self._look(self._stream)).incarnation != info.incarnation:
            raise BrokerUnavailable("the stream was made anew; what came from it comes again")

    async def _answer(self, info: StreamInfo, answer: Callable[[], Awaitable[None]]) -> None:
        """Acknowledges or hands back, to the broker that the message came from. Another one might have a message
        of the same number; unanswered, this one comes again and the fence knows it."""
        if info.epoch == self._bus.epoch and self._bus.connected:
            await answer()

    async def _handle(self, batch: Batch, message: Msg, info: StreamInfo) -> list[Row] | None:
        """Runs the batch in one transaction, which begins by moving the cursor; None when the cursor says that the
        batch was already done."""
        source, sequence = batch.source, message.metadata.sequence.stream
        parts, unprepared = await handling.prepare(self._handler, batch)

        fence = _move_cursor(source, info, sequence)
        opening = "; ".join(filter(None, (self._opening(batch.workspace_id), fence)))

        async def work(tx: Tx, apply: handling.Apply) -> list[Row] | None:
            if tx.opened_with != _MOVED:
                return None
            outgoing: list[Outgoing] = []
            dead = list(unprepared)
            for part in parts:
                some, some_dead = await apply(self._handler, tx, part)
                outgoing += some
                dead += some_dead
            if dead:
                await self._bury(tx, source, sequence, dead)
            rows = await self._outbox.add(tx, source.lane, source.partition, _joined(outgoing))
            crash_point("consumer.before_commit")
            return rows

        async def run(apply: handling.Apply) -> list[Row] | None:
            return await self._database.run(
                batch.workspace_id, lambda tx: work(tx, apply), keyed=True, opening=opening
            )

        try:
            # Savepoints cost trips that hardly any batch needs: the first attempt goes without.
            return await run(handling.apply_whole)
        except Exception as error:
            if not handling.faulty(error):
                raise
        return await run(handling.apply_halving)

    async def _bury(self, tx: Tx, source: Source, sequence: int, dead: Sequence[Dead]) -> None:
        sealed = [self._seal(tx.workspace_id, d.record) for d in dead]
        reasons = [d.reason for d in dead]
        details = [d.detail for d in dead]
        for reason, count in Counter(reasons).items():
            metrics.DEAD_LETTERS.labels(self._stream, reason).inc(count)
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
                    with contextlib.suppress(*BROKER_ERRORS):
                        await work.message.in_progress()


def _taken_up(source: Source, message: Msg) -> int:
    """Counts what is known of a message that begins to be handled; how many wait behind it."""
    stored = message.metadata.timestamp.timestamp()
    # Two clocks may disagree a little.
    metrics.MESSAGE_AGE.labels(source.stream, source.lane).observe(max(0.0, time.time() - stored))
    _pending(source, message.metadata.num_pending + 1)
    return message.metadata.num_pending


def _pending(source: Source, messages: int) -> None:
    metrics.PENDING.labels(source.stream, source.lane, source.partition).set(messages)


def _joined(outgoing: Sequence[Outgoing]) -> list[Outgoing]:
    """One output per stream, so that a bisected batch still leaves as one."""
    by_stream: dict[str, list[bytes]] = {}
    for output in outgoing:
        by_stream.setdefault(output.stream, []).extend(output.records)
    return [Outgoing(stream, records) for stream, records in by_stream.items()]


_CURSOR_AHEAD = "SELECT max(seq) FROM cursors WHERE stream = $1 AND incarnation = $2 AND seq > $3"
_CURSORS = "SELECT lane, partition, seq FROM cursors WHERE stream = $1 AND incarnation = $2"
_BURY = """
INSERT INTO dead_letters (workspace_id, subject, seq, record, reason, detail)
SELECT $1, $2, $3, r, w, d FROM unnest($4::bytea[], $5::text[], $6::text[]) AS t (r, w, d)
"""
_MOVED = "INSERT 0 1"


def _move_cursor(source: Source, info: StreamInfo, sequence: int) -> str:
    """A row that is missing counts as 0: the first message makes it. Making the rows when binding would wait for every
    batch in hand of the other replicas, and a row lost with a restored database would make its messages look done."""
    key = f"'{source.stream}', '{info.incarnation.isoformat()}', '{source.lane}', {source.partition}"
    return (
        f"INSERT INTO cursors AS c (stream, incarnation, lane, partition, seq) VALUES ({key}, {sequence}) "
        "ON CONFLICT (stream, incarnation, lane, partition) DO UPDATE SET seq = excluded.seq WHERE c.seq < excluded.seq"
    )
