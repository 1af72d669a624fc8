"""Addresses that nothing, or nothing of one purpose, may be sent to; by blind index."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

BY_HAND = UUID(int=0)
"""Stands where a message's id would: somebody closed the address."""
Place = tuple[datetime, str, bytes, str]
"""(created at, channel, contact key, purpose) of the last one of a page."""


class Closed(NamedTuple):
    """The address that a message last went to, and whom the message was for."""

    message_id: UUID
    channel: str
    contact_key: bytes
    reason: str
    identity_id: UUID
    profile_id: UUID
    profile_no: int
    identity_version: int
    fresh: bool
    """It was open before."""


async def close(
    tx: Tx, message_ids: Sequence[UUID], reasons: Sequence[str], purpose: str, now: datetime
) -> list[Closed]:
    """Closes the address that each message last went to; without a purpose to everything. Answers the messages that
    have one; one that is closed already keeps its first reason."""
    buckets = [bucket_of(one) for one in message_ids]
    found = await tx.fetch(_CLOSE, tx.workspace_id, buckets, message_ids, reasons, purpose, now)
    return [Closed(*row) for row in found]


class ClosedByReply(NamedTuple):
    """An address whose owner wrote back that they want nothing more."""

    reply_id: UUID
    channel: str
    contact_key: bytes
    reason: str
    said_at: datetime


async def close_addresses(
    tx: Tx, closing: Sequence[ClosedByReply], purpose: str, now: datetime
) -> list[ClosedByReply]:
    """Those that were open before. The newest reply of each address counts, once."""
    newest = {(one.channel, one.contact_key): one for one in sorted(closing, key=lambda one: one.said_at)}
    rows = [newest[key] for key in sorted(newest)]
    found = await tx.fetch(
        _CLOSE_ADDRESSES,
        tx.workspace_id,
        [one.channel for one in rows],
        [one.contact_key for one in rows],
        [one.reason for one in rows],
        [one.reply_id for one in rows],
        purpose,
        now,
    )
    fresh = {row["message_id"] for row in found}
    return [one for one in rows if one.reply_id in fresh]


async def add(
    tx: Tx, channel: str, contact_key: bytes, purpose: str, reason: str, note: str, by: str, now: datetime
) -> Any:
    """The row, as it was if the address was closed already."""
    of = (tx.workspace_id, channel, contact_key, purpose)
    await tx.execute(_ADD, *of, reason, note, BY_HAND, by, now)
    return await tx.fetchrow(_ONE, *of)


async def lift(
    tx: Tx, lift_id: UUID, channel: str, contact_key: bytes, purpose: str, note: str, by: str, now: datetime
) -> Any:
    """Opens the address again, and keeps the row among those that were lifted; None when it is not closed."""
    of = (tx.workspace_id, channel, contact_key, purpose)
    return await tx.fetchrow(_LIFT, *of, lift_id, now, by, note)


async def in_force(tx: Tx, before: Place | None, limit: int) -> Sequence[Any]:
    """Newest first. What the ledger of consents has is not among them."""
    return await tx.fetch(_IN_FORCE, tx.workspace_id, *(before or (None,) * 4), limit)


async def lifted(tx: Tx, before: UUID | None, limit: int) -> Sequence[Any]:
    """Newest first."""
    return await tx.fetch(_LIFTED, tx.workspace_id, before, limit)


# Where the ledger has it already, what is said now is news: the consent may have been given again since.
_CLOSE = """
WITH addresses AS MATERIALIZED (
    SELECT g.message_id, i.channel, a.contact_key, g.reason, i.identity_id, i.profile_id, i.profile_no,
           i.identity_version
    FROM unnest($2::smallint[], $3::uuid[], $4::text[]) AS g (bucket, message_id, reason)
    JOIN intentions i ON i.workspace_id = $1 AND i.bucket = g.bucket AND i.message_id = g.message_id
    CROSS JOIN LATERAL (
        SELECT contact_key FROM attempts
        WHERE workspace_id = $1 AND bucket = g.bucket AND message_id = g.message_id AND contact_key IS NOT NULL
        ORDER BY number DESC LIMIT 1
    ) a
),
closed AS (
    INSERT INTO suppressions AS s
        (workspace_id, bucket, channel, contact_key, purpose, reason, message_id, created_at)
    SELECT DISTINCT ON (contact_key, channel)
        $1, get_byte(contact_key, 0), channel, contact_key, $5::text, reason, message_id, $6::timestamptz
    FROM addresses ORDER BY contact_key, channel
    ON CONFLICT (workspace_id, bucket, channel, contact_key, purpose) DO UPDATE
    SET reason = excluded.reason, message_id = excluded.message_id, created_at = excluded.created_at, in_ledger = false
    WHERE s.in_ledger
    RETURNING message_id
)
SELECT a.*, EXISTS (SELECT FROM closed c WHERE c.message_id = a.message_id) AS fresh FROM addresses a
"""
# What the ledger has of this very reply is no news: it was given again since, or holds.
_CLOSE_ADDRESSES = """
INSERT INTO suppressions AS s (workspace_id, bucket, channel, contact_key, purpose, reason, message_id, created_at)
SELECT $1, get_byte(k, 0), c, k, $6, r, m, $7
FROM unnest($2::text[], $3::bytea[], $4::text[], $5::uuid[]) AS g (c, k, r, m)
ON CONFLICT (workspace_id, bucket, channel, contact_key, purpose) DO UPDATE
SET reason = excluded.reason, message_id = excluded.message_id, created_at = excluded.created_at, in_ledger = false
WHERE s.in_ledger AND s.message_id <> excluded.message_id
RETURNING message_id
"""
_ADD = """
INSERT INTO suppressions AS s
    (workspace_id, bucket, channel, contact_key, purpose, reason, note, message_id, closed_by, created_at)
VALUES ($1, get_byte($3, 0), $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (workspace_id, bucket, channel, contact_key, purpose) DO UPDATE
SET reason = excluded.reason, note = excluded.note, message_id = excluded.message_id, closed_by = excluded.closed_by,
    created_at = excluded.created_at, in_ledger = false
WHERE s.in_ledger
"""
_KEY = """
workspace_id = $1 AND bucket = get_byte($3, 0) AND channel = $2 AND contact_key = $3 AND purpose = $4
"""
_COLUMNS = "channel, contact_key, purpose, reason, note, message_id, closed_by, created_at"
_ONE = f"SELECT {_COLUMNS} FROM suppressions WHERE {_KEY}"
_LIFT = f"""
WITH open AS (DELETE FROM suppressions WHERE {_KEY} AND NOT in_ledger RETURNING {_COLUMNS})
INSERT INTO lifted_suppressions (workspace_id, lift_id, {_COLUMNS}, lifted_at, lifted_by, lift_note)
SELECT $1, $5, {_COLUMNS}, $6, $7, $8 FROM open
RETURNING *
"""
_IN_FORCE = f"""
SELECT {_COLUMNS} FROM suppressions
WHERE workspace_id = $1 AND NOT in_ledger
  AND ($2::timestamptz IS NULL OR (created_at, channel, contact_key, purpose) < ($2, $3::text, $4::bytea, $5::text))
ORDER BY created_at DESC, channel DESC, contact_key DESC, purpose DESC LIMIT $6
"""
_LIFTED = f"""
SELECT lift_id, {_COLUMNS}, lifted_at, lifted_by, lift_note FROM lifted_suppressions
WHERE workspace_id = $1 AND ($2::uuid IS NULL OR lift_id < $2) ORDER BY lift_id DESC LIMIT $3
"""
