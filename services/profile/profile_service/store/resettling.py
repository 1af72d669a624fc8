"""Where looking at everybody again, after a change of settings, has come to."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx

BUCKETS = 256


async def claim(tx: Tx, before: datetime) -> Any:
    """The place (bucket, place) to go on from, held; None when there is nothing to do, or somebody does it. Settings
    newer than `before` wait."""
    return await tx.fetchrow(_CLAIM, tx.workspace_id, before)


async def absolve(tx: Tx, after: UUID | None, limit: int) -> list[UUID]:
    """Identifiers that were under suspicion and are no more, by id."""
    rows = await tx.fetch(_ABSOLVE, tx.workspace_id, after, limit)
    return sorted(r["identity_id"] for r in rows)


async def page(tx: Tx, bucket: int, after: UUID | None, limit: int) -> list[UUID]:
    """Strong identities, of every link the lower one."""
    return [r["low_id"] for r in await tx.fetch(_PAGE, tx.workspace_id, bucket, after, limit)]


async def move(tx: Tx, bucket: int, place: UUID | None) -> None:
    await tx.execute(_MOVE, tx.workspace_id, bucket, place, BUCKETS)


_CLAIM = """
SELECT bucket, place FROM identity_settings
WHERE workspace_id = $1 AND settled_version < version AND updated_at < $2 FOR UPDATE SKIP LOCKED
"""
_ABSOLVE = """
DELETE FROM set_aside WHERE workspace_id = $1 AND state = 'suspected' AND identity_id = ANY(ARRAY(
  SELECT identity_id FROM set_aside
  WHERE workspace_id = $1 AND state = 'suspected' AND ($2::uuid IS NULL OR identity_id > $2)
  ORDER BY identity_id LIMIT $3
)) RETURNING identity_id
"""
_PAGE = """
SELECT DISTINCT low_id FROM edges WHERE workspace_id = $1 AND bucket = $2 AND NOT weak AND ($3::uuid IS NULL OR low_id > $3)
ORDER BY low_id LIMIT $4
"""
_MOVE = """
UPDATE identity_settings SET bucket = $2::smallint, place = $3,
  settled_version = CASE WHEN $2::smallint >= $4::smallint THEN version ELSE settled_version END
WHERE workspace_id = $1
"""
