"""A handler that does the least that can be got wrong: a row per record key, and one output record per new row."""

from uuid import UUID

import asyncpg
from chassis.database import Tx
from chassis.errors import DatabaseUnavailable, DataError
from chassis.handling import Batch
from chassis.ids import bucket_of, derived_id
from chassis.outbox import Outgoing
from google.protobuf.message import DecodeError

OUTPUT = "MESSAGE"
_ONCE: dict[str, type[Exception] | Exception] = {
    "deadlock": asyncpg.DeadlockDetectedError("made up"),
    "unavailable": DatabaseUnavailable("made up"),
    "client": asyncpg.InternalClientError("made up"),
    "memory": MemoryError(),
}


class KeyedHandler:
    """A record is its key. Keys of the form `word:argument` misbehave; see `_obey`."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._raised: set[str] = set()

    async def prepare(self, batch: Batch) -> int:
        if b"prepare" in batch.records:
            raise DecodeError("made up")
        return len(batch.records)

    async def apply(self, tx: Tx, batch: Batch, prepared: int) -> list[Outgoing]:
        keys = [r.decode() for r in batch.records]
        ids = [derived_id(key) for key in keys]
        new = await tx.fetch(_STORE, tx.workspace_id, [bucket_of(i) for i in ids], ids, keys)
        await tx.execute(_COUNT, tx.workspace_id, keys)
        for key in keys:
            await self._obey(tx, key)
        if not new:
            return []
        outputs = [f"{self._service}/{r['node_id']}".encode() for r in new]
        return [Outgoing(OUTPUT, [o + bytes(1_000_000) if o.endswith(b"/huge") else o for o in outputs])]

    async def _obey(self, tx: Tx, key: str) -> None:
        word, _, argument = key.partition(":")
        match word:
            case "data":
                raise DataError("BAD_RECORD", "a detail that\0no text column takes \ud800")
            case "integrity":
                await tx.execute(_STORE, tx.workspace_id, [0], [derived_id("x")], [None])
            case "planner":
                raise KeyError("made up")
            case "once" if argument not in self._raised:
                self._raised.add(argument)
                raise _ONCE[argument]
            case "block":
                await tx.execute("SELECT pg_advisory_xact_lock_shared($1::bigint)", int(argument))


async def effects(database: object, workspace_id: UUID) -> dict[str, int]:
    """Key → how many times it was applied; the keys are those that have their row."""
    async with database.transaction(workspace_id) as tx:  # type: ignore[attr-defined]
        rows = await tx.fetch(_EFFECTS, workspace_id)
    return {r["node_id"]: r["count"] for r in rows}


_STORE = """
INSERT INTO intentions (workspace_id, bucket, run_id, sequence, journey_id, node_id, created_at)
SELECT $1, b, r, 1, 'keyed', k, now() FROM unnest($2::smallint[], $3::uuid[], $4::text[]) AS t (b, r, k)
ON CONFLICT DO NOTHING RETURNING node_id
"""
_COUNT = """
INSERT INTO entry_refusals (workspace_id, journey_id, reason, count)
SELECT $1, 'keyed', k, count(*) FROM unnest($2::text[]) AS k GROUP BY k ORDER BY k
ON CONFLICT (workspace_id, journey_id, reason) DO UPDATE SET count = entry_refusals.count + excluded.count
"""
_EFFECTS = """
SELECT i.node_id, r.count FROM intentions i
JOIN entry_refusals r ON r.workspace_id = i.workspace_id AND r.reason = i.node_id
WHERE i.workspace_id = $1
"""
