"""The transactional outbox: an output batch is rows written with its effect, published right after the commit.

Rows are kept after publishing (`published_at`), so that a lost stream can be refilled; `purge` drops the old ones.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
from waypost.common.v1 import record_pb2

from chassis import logs, metrics, tracing
from chassis.bus import MAX_BYTES, MAX_RECORD_BYTES, MAX_RECORDS, Bus, Lane
from chassis.crash import crash_point
from chassis.database import Database, Tx
from chassis.errors import BrokerUnavailable, DatabaseUnavailable, DataError
from chassis.ids import new_id

KEEP = timedelta(days=4)
"""Longer than any stream that is filled from an outbox."""
WAITS = (BrokerUnavailable, DatabaseUnavailable, asyncpg.PostgresError)
"""Two relays may mark the same rows and deadlock: the loser marks them at its next pass."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Encoded records for one stream, in order."""

    stream: str
    records: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    subject: str
    message_id: str
    payload: bytes


class Outbox:
    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._published: list[int] = []
        self._log = logs.get()

    async def add(self, tx: Tx, lane: Lane, partition: int, outgoing: Iterable[Outgoing]) -> list[Row]:
        """Writes the batch in the caller's transaction; hand the rows to `publish` after the commit."""
        outgoing = list(outgoing)
        check_sizes(outgoing)
        subjects: list[str] = []
        message_ids: list[str] = []
        payloads: list[bytes] = []
        for output in outgoing:
            for records in split(output.records):
                batch_id = str(new_id())
                batch = record_pb2.RecordBatch(
                    batch_id=batch_id, workspace_id=str(tx.workspace_id), records=records
                )
                subjects.append(f"{output.stream}.{lane}.{partition}")
                message_ids.append(batch_id)
                payloads.append(batch.SerializeToString())
        if not subjects:
            return []
        ids = await tx.fetch(_INSERT, tx.workspace_id, subjects, message_ids, payloads)
        return [
            Row(found["id"], subject, message_id, payload)
            for found, subject, message_id, payload in zip(ids, subjects, message_ids, payloads, strict=True)
        ]

    async def publish(self, rows: Iterable[Row]) -> None:
        """Publishes the rows of each subject in order, the subjects at the same time: each waits for a disk of the
        broker. BrokerUnavailable leaves the rest for the relay."""
        lines: dict[str, list[Row]] = {}
        for row in rows:
            lines.setdefault(row.subject, []).append(row)
        ended = await asyncio.gather(*map(self._publish_line, lines.values()), return_exceptions=True)
        for error in ended:
            if error is not None:
                raise error

    async def _publish_line(self, rows: Sequence[Row]) -> None:
        for row in rows:
            with tracing.inner(f"send {row.subject.partition('.')[0]}"):
                await self._bus.publish(row.subject, row.payload, row.message_id)
            self._published.append(row.id)

    async def publish_leftovers(self, lane: Lane, partition: int) -> None:
        """What a replica committed on this partition and did not live to publish, oldest first."""
        async with self._database.connection() as connection:
            found = await connection.fetch(_LEFTOVERS, f"%.{lane}.{partition}")
        await self.publish(_rows(found))

    async def relay(self) -> None:
        """Sweeps rows older than a second, marks what was published, drops what is too old. Runs for ever."""
        tick = 0
        while True:
            await asyncio.sleep(1.0)
            metrics.beat("relay")
            tick += 1
            try:
                await self._mark_published()
                if self._bus.connected:
                    await self._sweep()
                if tick % 600 == 0:
                    await self._purge()
            except WAITS as error:
                self._log.warning("relay_waits", error=type(error).__name__, detail=str(error))

    async def sample(self) -> None:
        """Sets the gauges of what waits."""
        async with self._database.connection() as connection:
            waiting = await connection.fetchrow(_WAITING)
        metrics.OUTBOX_ROWS.set(waiting["rows"])
        metrics.OUTBOX_AGE.set(waiting["age"])

    async def flush(self) -> None:
        """The relay's last pass before the service stops."""
        try:
            await self._mark_published()
        except WAITS as error:
            self._log.warning("relay_waits", error=type(error).__name__, detail=str(error))

    async def _mark_published(self) -> None:
        if not self._published:
            return
        crash_point("outbox.before_mark")
        ids, self._published = self._published, []
        try:
            async with self._database.connection() as connection:
                await connection.execute(_mark(ids))
        except BaseException:
            self._published = ids + self._published
            raise

    async def _sweep(self) -> None:
        async with self._database.connection() as connection:
            found = await connection.fetch(_OVERDUE)
        # A row of this process may be published but not yet marked.
        mine = set(self._published)
        await self.publish(row for row in _rows(found) if row.id not in mine)

    async def _purge(self) -> None:
        async with self._database.connection() as connection:
            await connection.execute(_PURGE, KEEP)


def check_sizes(outgoing: Iterable[Outgoing]) -> None:
    """DataError for a record that the broker would never take: every later row would wait behind it."""
    for output in outgoing:
        for record in output.records:
            if len(record) > MAX_RECORD_BYTES:
                raise DataError("RECORD_TOO_LARGE", f"{len(record)} bytes for {output.stream}")


def split(records: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Cuts records into messages of at most MAX_RECORDS and MAX_BYTES (a larger record travels alone)."""
    start, size = 0, 0
    for index, record in enumerate(records):
        if index > start and (size + len(record) > MAX_BYTES or index - start >= MAX_RECORDS):
            yield records[start:index]
            start, size = index, 0
        size += len(record)
    if start < len(records):
        yield records[start:]


def _rows(found: Iterable[Any]) -> Iterator[Row]:
    return (Row(r["id"], r["subject"], r["message_id"], r["payload"]) for r in found)


def _mark(ids: Sequence[int]) -> str:
    """Does not wait for the disk: a mark that a crash undoes is a batch published twice, which harms nobody."""
    listed = ",".join(map(str, ids))
    return (
        "SET LOCAL synchronous_commit = off; "
        f"UPDATE outbox SET published_at = now() WHERE id = ANY('{{{listed}}}'::bigint[])"
    )


_INSERT = """
INSERT INTO outbox (workspace_id, subject, message_id, payload)
SELECT $1::uuid, s, m, p FROM unnest($2::text[], $3::text[], $4::bytea[]) WITH ORDINALITY AS t (s, m, p, n)
ORDER BY n
RETURNING id
"""
_LEFTOVERS = """
SELECT id, subject, message_id, payload FROM outbox
WHERE published_at IS NULL AND subject LIKE $1 ORDER BY id LIMIT 200
"""
_OVERDUE = """
SELECT id, subject, message_id, payload FROM outbox
WHERE published_at IS NULL AND created_at < now() - interval '1 second' ORDER BY id LIMIT 100
"""
_WAITING = """
SELECT count(*) AS rows, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS age FROM (
  SELECT created_at FROM outbox WHERE published_at IS NULL ORDER BY id LIMIT 10000
) AS oldest
"""
_PURGE = """
DELETE FROM outbox WHERE published_at IS NOT NULL AND created_at < now() - $1::interval
"""


def workspace_of(batch: record_pb2.RecordBatch) -> UUID:
    return UUID(batch.workspace_id)
