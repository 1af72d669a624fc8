"""How far the people of a workspace have been indexed who were stored before there was an index."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx


async def hold(tx: Tx) -> Any:
    """The workspace's progress (round, bucket, identity_id, ended_at), held; None while another replica is at it."""
    await tx.execute(_BEGIN, tx.workspace_id)
    return await tx.fetchrow(_HOLD, tx.workspace_id)


async def behind(tx: Tx, bucket: int, identity_id: UUID, limit: int) -> list[Any]:
    """The next identities: (bucket, identity_id)."""
    return await tx.fetch(_BEHIND, tx.workspace_id, bucket, identity_id, limit)


async def note(tx: Tx, number: int, bucket: int, identity_id: UUID, ended_at: datetime | None) -> None:
    await tx.execute(_NOTE, tx.workspace_id, number, bucket, identity_id, ended_at)


_BEGIN = """
INSERT INTO search_backfills (workspace_id, round, bucket, identity_id)
VALUES ($1, 1, -1, '00000000-0000-0000-0000-000000000000') ON CONFLICT DO NOTHING
"""
_HOLD = """
SELECT round, bucket, identity_id, ended_at FROM search_backfills WHERE workspace_id = $1 FOR UPDATE SKIP LOCKED
"""
_BEHIND = """
SELECT bucket, identity_id FROM identities WHERE workspace_id = $1 AND (bucket, identity_id) > ($2::smallint, $3::uuid)
ORDER BY bucket, identity_id LIMIT $4
"""
_NOTE = """
UPDATE search_backfills SET round = $2, bucket = $3, identity_id = $4, ended_at = $5 WHERE workspace_id = $1
"""
