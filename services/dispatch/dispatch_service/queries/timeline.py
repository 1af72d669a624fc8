"""Messages to one person: those that their identities caused, whoever these were at the time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx

Place = tuple[datetime, UUID]
"""(asked for at, message id) of the last item of a page."""


async def items(
    tx: Tx,
    identity_ids: Sequence[UUID],
    since: datetime,
    until: datetime,
    before: Place,
    limit: int,
) -> list[Any]:
    """Newest first, from `since` to before `until`."""
    return await tx.fetch(_ITEMS, tx.workspace_id, identity_ids, since, until, *before, limit)


_ITEMS = """
SELECT i.*, m.channel, m.state, m.reason FROM unnest($2::uuid[]) AS k (identity_id)
CROSS JOIN LATERAL (
  SELECT bucket, message_id, created_at, journey_id, node_id, run_id FROM intentions
  WHERE workspace_id = $1 AND identity_id = k.identity_id
    AND created_at >= $3 AND created_at < $4 AND created_at <= $5 AND (created_at, message_id) < ($5, $6::uuid)
  ORDER BY created_at DESC, message_id DESC LIMIT $7
) i
JOIN messages m ON m.workspace_id = $1 AND m.bucket = i.bucket AND m.message_id = i.message_id
ORDER BY i.created_at DESC, i.message_id DESC LIMIT $7
"""
