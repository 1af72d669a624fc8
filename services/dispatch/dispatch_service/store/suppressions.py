"""Addresses that nothing, or nothing of one purpose, may be sent to; by blind index."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of


async def close(
    tx: Tx, message_ids: Sequence[UUID], reasons: Sequence[str], purpose: str, now: datetime
) -> list[UUID]:
    """Closes the address that each message last went to; without a purpose to everything. Answers the messages that
    have one; one that is closed already keeps its first reason."""
    buckets = [bucket_of(one) for one in message_ids]
    found = await tx.fetch(_CLOSE, tx.workspace_id, buckets, message_ids, reasons, purpose, now)
    return [row["message_id"] for row in found]


_CLOSE = """
WITH addresses AS MATERIALIZED (
    SELECT g.message_id, m.channel, a.contact_key, g.reason
    FROM unnest($2::smallint[], $3::uuid[], $4::text[]) AS g (bucket, message_id, reason)
    JOIN messages m ON m.workspace_id = $1 AND m.bucket = g.bucket AND m.message_id = g.message_id
    CROSS JOIN LATERAL (
        SELECT contact_key FROM attempts
        WHERE workspace_id = $1 AND bucket = g.bucket AND message_id = g.message_id AND contact_key IS NOT NULL
        ORDER BY number DESC LIMIT 1
    ) a
),
closed AS (
    INSERT INTO suppressions (workspace_id, bucket, channel, contact_key, purpose, reason, message_id, created_at)
    SELECT $1, get_byte(contact_key, 0), channel, contact_key, $5::text, reason, message_id, $6::timestamptz
    FROM addresses ORDER BY contact_key
    ON CONFLICT DO NOTHING
)
SELECT message_id FROM addresses
"""
