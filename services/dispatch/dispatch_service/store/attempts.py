"""Attempts on their way out: reserved in the first transaction, calling in the second."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from chassis.database import Tx

from dispatch_service.domain.limiter import Grant
from dispatch_service.domain.messages import Account, Intention, mask
from dispatch_service.domain.sends import Send
from dispatch_service.store import intentions
from dispatch_service.store.queue import take_sql

CHANGED = "consent_changed"
NEWEST = 2**63 - 1


async def reserve(
    tx: Tx, account: Account, granted: Grant, now: datetime, until: datetime
) -> list[tuple[Intention, int]]:
    """Takes due messages of the queue, as many as there are slots, until `until`, when somebody else may have them;
    announces a call for each and moves the account's next free slot behind theirs. Returns each with the number of
    its attempt, the most urgent first."""
    found = await tx.fetch(
        _RESERVE,
        tx.workspace_id,
        account.channel,
        account.name,
        now,
        until,
        granted.count,
        granted.first,
        granted.spacing,
    )
    found.sort(key=lambda row: row["priority"])
    return [(intentions.of_row(row), row["attempt"]) for row in found]


async def begin_calls(
    tx: Tx, channel: str, sends: Sequence[Send], deadlines: Sequence[datetime], now: datetime
) -> dict[UUID, str]:
    """Message id → why its address is closed to it, empty when it may be called; CHANGED where consent has to be asked
    about again. Attempts that were taken back meanwhile are missing."""
    seen = [_seen(one) for one in sends]
    narrow = any(version is not None for version in seen)
    found = await tx.fetch(
        _BEGIN_NARROW_CALLS if narrow else _BEGIN_CALLS,
        tx.workspace_id,
        [one.claimed.intention.bucket for one in sends],
        [one.claimed.intention.message_id for one in sends],
        [one.claimed.number for one in sends],
        deadlines,
        [one.contact.key for one in sends],
        [mask(one.contact.address) for one in sends],
        now,
        channel,
        [one.claimed.intention.purpose for one in sends],
        [one.contact.person for one in sends],
        *([seen] if narrow else ()),
    )
    return {row["message_id"]: row["reason"] for row in found}


def _seen(send: Send) -> int | None:
    """The version of consents that the answer for a narrow scope holds for; None: the whole purpose is what counts."""
    if not send.claimed.intention.scope.is_narrow:
        return None
    return NEWEST if send.contact.version is None else send.contact.version


_RESERVE = f"""
WITH taken AS (
    {take_sql("$1", "$2", "$3", "'send'", "$4", "'lease'", "$5", "$6")}
),
reserved AS (
    INSERT INTO attempts (workspace_id, bucket, message_id, number, state, deadline, created_at, updated_at)
    SELECT $1, bucket, message_id, number, 'reserved', $5::timestamptz, $4::timestamptz, $4 FROM taken
    ON CONFLICT DO NOTHING
),
slots AS (
    UPDATE limiter SET next_slot = $7::timestamptz + $8::interval * (SELECT count(*) FROM taken)
    WHERE workspace_id = $1 AND channel = $2 AND account = $3 AND EXISTS (SELECT FROM taken)
)
SELECT {intentions.COLUMNS}, t.number AS attempt, t.priority FROM taken t
JOIN intentions i ON i.workspace_id = $1 AND i.bucket = t.bucket AND i.message_id = t.message_id
"""


def _begin_calls(more: str, names: str, refusal: str, holds: str) -> str:
    return f"""
WITH given AS MATERIALIZED (
    SELECT g.*, coalesce(s.reason, c.refusal) AS reason
    FROM unnest($2::smallint[], $3::uuid[], $4::int[], $5::timestamptz[], $6::bytea[], $7::text[], $10::text[],
                $11::bytea[]{more})
      AS g (bucket, message_id, number, deadline, contact_key, masked, purpose, person{names})
    LEFT JOIN LATERAL (
        SELECT reason FROM suppressions
        WHERE workspace_id = $1 AND bucket = get_byte(g.contact_key, 0) AND channel = $9::text
          AND contact_key = g.contact_key AND purpose IN ('', g.purpose) AND NOT in_ledger
        ORDER BY purpose LIMIT 1
    ) s ON true
    LEFT JOIN LATERAL (
        SELECT refusal FROM (VALUES (g.contact_key), (g.person)) AS k (subject) CROSS JOIN LATERAL (
            SELECT {refusal} AS refusal FROM consent_states
            WHERE workspace_id = $1 AND bucket = get_byte(k.subject, 0) AND channel = $9::text
              AND subject = k.subject AND purpose = g.purpose AND {holds} OFFSET 0
        ) h LIMIT 1
    ) c ON true
),
called AS (
    UPDATE attempts a
    SET state = 'calling', deadline = g.deadline, contact_key = g.contact_key, address_masked = g.masked,
        updated_at = $8
    FROM given g
    WHERE g.reason IS NULL AND a.workspace_id = $1 AND a.bucket = g.bucket AND a.message_id = g.message_id
      AND a.number = g.number AND a.state = 'reserved'
    RETURNING a.message_id
)
SELECT message_id, '' AS reason FROM called
UNION ALL SELECT message_id, reason FROM given WHERE reason IS NOT NULL
"""


_BEGIN_CALLS = _begin_calls("", "", "refusal", "refusal <> ''")
# Of a narrow scope what is told here says nothing but that something was told.
_BEGIN_NARROW_CALLS = _begin_calls(
    ", $12::bigint[]",
    ", seen",
    f"CASE WHEN g.seen IS NULL THEN refusal ELSE '{CHANGED}' END",
    "CASE WHEN g.seen IS NULL THEN refusal <> '' ELSE version > g.seen END",
)
