"""How long events are kept, and their way out: what is deleted is counted in the same statement.

`seen` keeps every message id for ever: with both its event and its id gone, a repeat would be stored and counted anew.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx

FOREVER = 0
_NOBODY = UUID(int=0)


async def rules(tx: Tx) -> dict[str, int]:
    """Days by event name; the empty name stands for all others."""
    rows = await tx.fetch(_RULES, tx.workspace_id)
    return {row["event_name"]: row["days"] for row in rows}


async def put_rules(tx: Tx, days: Mapping[str, int], now: datetime) -> None:
    """Replaces them all; the next walk begins at once."""
    await tx.execute("DELETE FROM retention_rules WHERE workspace_id = $1", tx.workspace_id)
    await tx.execute(_INSERT_RULES, tx.workspace_id, list(days), list(days.values()))
    await tx.execute(_WALK_NOW, tx.workspace_id, _NOBODY, now)


async def claim_walk(tx: Tx, now: datetime) -> tuple[int, UUID] | None:
    """Where the walk goes on (bucket, after), held until the transaction ends; None when it is not due or another
    replica has it."""
    row = await tx.fetchrow(_CLAIM, tx.workspace_id, now)
    return None if row is None else (row["bucket"], row["after"])


async def walked(tx: Tx, bucket: int, after: UUID, next_at: datetime) -> None:
    await tx.execute(_WALKED, tx.workspace_id, bucket, after, next_at)


async def next_events(tx: Tx, bucket: int, after: UUID, limit: int) -> list[Any]:
    """Stored events of a bucket in order of their ids, which begin with the event's time."""
    return await tx.fetch(_NEXT, tx.workspace_id, bucket, after, limit)


async def delete_and_count(tx: Tx, bucket: int, event_ids: list[UUID]) -> int:
    """How many went."""
    return int(await tx.fetchval(_DELETE, tx.workspace_id, bucket, event_ids))


_RULES = "SELECT event_name, days FROM retention_rules WHERE workspace_id = $1 ORDER BY event_name"
_INSERT_RULES = """
INSERT INTO retention_rules (workspace_id, event_name, days) SELECT $1, * FROM unnest($2::text[], $3::int[])
ON CONFLICT DO NOTHING
"""
_WALK_NOW = """
INSERT INTO retention_walks (workspace_id, bucket, after, next_at) VALUES ($1, 0, $2, $3)
ON CONFLICT (workspace_id) DO UPDATE SET bucket = 0, after = excluded.after, next_at = excluded.next_at
"""
_CLAIM = """
SELECT bucket, after FROM retention_walks WHERE workspace_id = $1 AND next_at <= $2 FOR UPDATE SKIP LOCKED
"""
_WALKED = "UPDATE retention_walks SET bucket = $2, after = $3, next_at = $4 WHERE workspace_id = $1"
_NEXT = """
SELECT event_id, name, event_time FROM events WHERE workspace_id = $1 AND bucket = $2 AND event_id > $3
ORDER BY event_id LIMIT $4
"""
_DELETE = """
WITH gone AS (
  DELETE FROM events WHERE workspace_id = $1 AND bucket = $2 AND event_id = ANY($3::uuid[])
  RETURNING identity_id, name, event_time
), counted AS (
  INSERT INTO event_counters AS c (workspace_id, bucket, identity_id, name, count, first_at, last_at)
  SELECT $1, $2, identity_id, name, count(*), min(event_time), max(event_time) FROM gone GROUP BY identity_id, name
  ORDER BY identity_id, name
  ON CONFLICT (workspace_id, bucket, identity_id, name) DO UPDATE SET count = c.count + excluded.count,
    first_at = least(c.first_at, excluded.first_at), last_at = greatest(c.last_at, excluded.last_at)
  RETURNING 1
) SELECT count(*) FROM gone
"""
