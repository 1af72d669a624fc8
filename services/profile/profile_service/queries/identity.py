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
