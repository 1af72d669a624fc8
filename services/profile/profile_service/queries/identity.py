"""Who is one person and why: what was refused, set aside, split."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx

Place = tuple[datetime, UUID]


async def named(tx: Tx, identity_ids: Collection[UUID]) -> list[Any]:
    """Rows (identity_id, type, scope, value_key, sealed_value)."""
    return await tx.fetch(_NAMED, tx.workspace_id, list(set(identity_ids)))


async def set_aside(tx: Tx, state: str, before: Place | None, limit: int) -> Sequence[Any]:
    """Newest first; `state` empty for all."""
    return await tx.fetch(_SET_ASIDE, tx.workspace_id, state, *(before or (None, None)), limit)


async def refused(tx: Tx, reason: str, after: Sequence[Any] | None, limit: int) -> Sequence[Any]:
    """Links refused; `reason` empty for all. `after` is the last row's (refused, bucket, low_id, high_id)."""
    return await tx.fetch(_REFUSED, tx.workspace_id, reason, *(after or [None] * 4), limit)


async def splits(tx: Tx, profile_id: UUID | None, before: UUID | None, limit: int) -> Sequence[Any]:
    return await tx.fetch(_SPLITS, tx.workspace_id, profile_id, before, limit)


async def merge(tx: Tx, merge_id: UUID) -> Any:
    return await tx.fetchrow(_MERGE, tx.workspace_id, merge_id)


async def lately_named(tx: Tx, since: datetime, limit: int) -> list[UUID]:
    """Strong identities of links that are news since then, the newest first."""
    rows = await tx.fetch(_LATELY, tx.workspace_id, list(range(256)), since, limit)
    return [r["low_id"] for r in rows]


async def days(tx: Tx, since: datetime) -> list[Any]:
    """Rows (day, merges, splits), the oldest first."""
    return await tx.fetch(_DAYS, tx.workspace_id, since)


async def refused_counts(tx: Tx) -> dict[str, int]:
    return {r["reason"]: r["links"] for r in await tx.fetch(_REFUSED_COUNTS, tx.workspace_id)}


async def state_counts(tx: Tx) -> dict[str, int]:
    return {r["state"]: r["identities"] for r in await tx.fetch(_STATE_COUNTS, tx.workspace_id)}


async def most_refused(tx: Tx, limit: int) -> list[Any]:
    """Rows (identity_id, count)."""
    return await tx.fetch(_MOST_REFUSED, tx.workspace_id, limit)


async def most_shared(tx: Tx, limit: int) -> list[Any]:
    """Rows (identity_id, count)."""
    return await tx.fetch(_MOST_SHARED, tx.workspace_id, limit)


_DAYS = """
SELECT to_char(day, 'YYYY-MM-DD') AS day, sum(merged)::bigint AS merges, sum(split)::bigint AS splits FROM (
  SELECT date_trunc('day', created_at AT TIME ZONE 'UTC') AS day, 1 AS merged, 0 AS split FROM merges
  WHERE workspace_id = $1 AND created_at >= $2
  UNION ALL
  SELECT date_trunc('day', created_at AT TIME ZONE 'UTC'), 0, 1 FROM splits WHERE workspace_id = $1 AND created_at >= $2
) d GROUP BY 1 ORDER BY 1
"""
_REFUSED_COUNTS = """
SELECT refused AS reason, count(*) AS links FROM edges WHERE workspace_id = $1 AND refused IS NOT NULL GROUP BY 1
"""
_STATE_COUNTS = "SELECT state, count(*) AS identities FROM set_aside WHERE workspace_id = $1 GROUP BY 1"
_MOST_REFUSED = """
SELECT identity_id, count(*) AS count FROM (
  SELECT low_id AS identity_id FROM edges WHERE workspace_id = $1 AND refused IS NOT NULL
  UNION ALL SELECT high_id FROM edges WHERE workspace_id = $1 AND refused IS NOT NULL
) e GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $2
"""
_MOST_SHARED = """
SELECT identity_id, count(*) + 1 AS count FROM ownerships WHERE workspace_id = $1
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $2
"""
_NAMED = """
SELECT identity_id, type, scope, value_key, sealed_value FROM identifiers
WHERE workspace_id = $1 AND identity_id = ANY($2::uuid[])
"""
_SET_ASIDE = """
SELECT identity_id, state, since, reason, decided_at, rule_id FROM set_aside
WHERE workspace_id = $1 AND ($2 = '' OR state = $2)
  AND ($3::timestamptz IS NULL OR (decided_at, identity_id) < ($3, $4::uuid))
ORDER BY decided_at DESC, identity_id DESC LIMIT $5
"""
_REFUSED = """
SELECT bucket, low_id, high_id, event_time, message_id, refused, detail FROM edges
WHERE workspace_id = $1 AND refused IS NOT NULL AND ($2 = '' OR refused = $2)
  AND ($3::text IS NULL OR (refused, bucket, low_id, high_id) > ($3, $4::smallint, $5::uuid, $6::uuid))
ORDER BY refused, bucket, low_id, high_id LIMIT $7
"""
_SPLITS = """
SELECT split_id, profile_id, to_profile_id, identity_ids, rule, evidence, created_at FROM splits
WHERE workspace_id = $1 AND ($2::uuid IS NULL OR profile_id = $2 OR to_profile_id = $2)
  AND ($3::uuid IS NULL OR split_id < $3)
ORDER BY split_id DESC LIMIT $4
"""
_MERGE = "SELECT profile_id, merged_profile_ids, before FROM merges WHERE workspace_id = $1 AND merge_id = $2"
_LATELY = """
SELECT low_id FROM edges WHERE workspace_id = $1 AND bucket = ANY($2::smallint[]) AND NOT weak AND event_time >= $3
GROUP BY low_id ORDER BY max(event_time) DESC LIMIT $4
"""
