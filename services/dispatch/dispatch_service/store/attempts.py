"""Attempts on their way out: reserved in the first transaction, calling in the second."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Tx

from dispatch_service.domain.messages import Account, Intention, mask
from dispatch_service.domain.sends import Send
from dispatch_service.store import intentions
from dispatch_service.store.queue import Taken


async def reserve(
    tx: Tx, account: Account, taken: Sequence[Taken], next_slot: datetime, now: datetime, deadline: datetime
) -> dict[UUID, Intention]:
    """Announces a call for each and moves the account's next free slot behind theirs; answers what they say."""
    found = await tx.fetch(
        _RESERVE,
        tx.workspace_id,
        [one.bucket for one in taken],
        [one.message_id for one in taken],
        [one.number for one in taken],
        now,
        deadline,
        account.channel,
        account.name,
        next_slot,
    )
    return {row["message_id"]: intentions.of_row(row) for row in found}


async def begin_calls(
    tx: Tx, sends: Sequence[Send], deadlines: Sequence[datetime], now: datetime
) -> set[UUID]:
    """Of the attempts those that are still ours to call; the others were taken back meanwhile."""
    found = await tx.fetch(
        _BEGIN_CALLS,
        tx.workspace_id,
        [one.claimed.intention.bucket for one in sends],
        [one.claimed.intention.message_id for one in sends],
        [one.claimed.number for one in sends],
        deadlines,
        [one.contact.key for one in sends],
        [mask(one.contact.address) for one in sends],
        now,
    )
    return {row["message_id"] for row in found}


_RESERVE = f"""
WITH given AS MATERIALIZED (
    SELECT * FROM unnest($2::smallint[], $3::uuid[], $4::int[]) AS t (bucket, message_id, number)
),
reserved AS (
    INSERT INTO attempts (workspace_id, bucket, message_id, number, state, deadline, created_at, updated_at)
    SELECT $1, bucket, message_id, number, 'reserved', $6::timestamptz, $5::timestamptz, $5 FROM given
    ON CONFLICT DO NOTHING
),
slots AS (
    UPDATE limiter SET next_slot = $9::timestamptz WHERE workspace_id = $1 AND channel = $7 AND account = $8
)
SELECT {intentions.COLUMNS} FROM given g
JOIN intentions i ON i.workspace_id = $1 AND i.bucket = g.bucket AND i.message_id = g.message_id
"""
_BEGIN_CALLS = """
UPDATE attempts a
SET state = 'calling', deadline = g.deadline, contact_key = g.contact_key, address_masked = g.masked,
    updated_at = $8
FROM unnest($2::smallint[], $3::uuid[], $4::int[], $5::timestamptz[], $6::bytea[], $7::text[])
    AS g (bucket, message_id, number, deadline, contact_key, masked)
WHERE a.workspace_id = $1 AND a.bucket = g.bucket AND a.message_id = g.message_id AND a.number = g.number
  AND a.state = 'reserved'
RETURNING a.message_id
"""
