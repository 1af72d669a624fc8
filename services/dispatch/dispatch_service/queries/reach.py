"""How many messages went out to whom."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Tx

from dispatch_service.domain.messages import MessageState

_KEPT = [MessageState.QUEUED, MessageState.REFUSED]
"""Of messages that no provider has."""


async def count(tx: Tx, profile_ids: Sequence[UUID], identity_ids: Sequence[UUID], since: datetime) -> int:
    """Messages that these identities caused, asked for under one of these ids."""
    return int(await tx.fetchval(_COUNT, tx.workspace_id, profile_ids, identity_ids, since, _KEPT))


_COUNT = """
SELECT count(*) FROM unnest($2::uuid[]) AS k (profile_id)
CROSS JOIN LATERAL (
  SELECT bucket, message_id, identity_id FROM intentions
  WHERE workspace_id = $1 AND profile_id = k.profile_id AND created_at >= $4 OFFSET 0
) i
CROSS JOIN LATERAL (
  SELECT state FROM messages WHERE workspace_id = $1 AND bucket = i.bucket AND message_id = i.message_id OFFSET 0
) m
WHERE i.identity_id = ANY($3::uuid[]) AND m.state <> ALL($5::text[])
"""
