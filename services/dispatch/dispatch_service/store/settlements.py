"""Locks messages with their attempts, and writes what became of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx

from dispatch_service.domain.messages import AttemptState, MessageState
from dispatch_service.domain.settlement import Change, Standing
from dispatch_service.store import intentions


async def lock(tx: Tx, keys: Sequence[tuple[int, UUID, int]]) -> dict[UUID, Standing]:
    """The messages that exist of these (bucket, message id, attempt number; 0: its latest), locked in key order, and
    then their attempts, which are as they are once they are locked."""
    columns = (list(column) for column in zip(*sorted(set(keys)), strict=True))
    rows = await tx.fetch(_LOCK, tx.workspace_id, *columns)
    return {row["message_id"]: _standing(row) for row in rows}


async def apply(tx: Tx, changes: Sequence[Change], now: datetime) -> None:
    """Writes the changes: attempts, messages that reached a new state, places in the queue."""
    columns = [list(column) for column in zip(*map(_row, changes), strict=True)]
    await tx.execute(_APPLY, tx.workspace_id, now, *columns)


def _standing(row: Any) -> Standing:
    attempt = row["attempt"]
    return Standing(
        intention=intentions.of_row(row),
        state=MessageState(row["state"]),
        attempt=AttemptState(attempt) if attempt else None,
        number=row["number"] or 0,
        deadline=row["deadline"],
        since=row["since"],
    )


def _row(change: Change) -> tuple[Any, ...]:
    intention, place = change.standing.intention, change.place
    return (
        intention.bucket,
        intention.message_id,
        change.standing.number,
        change.attempt,
        change.code,
        change.state,
        change.reason,
        change.provider_id,
        place is not None and place.stage is None,
        place.stage if place else None,
        place.at if place else None,
        place.number if place else 0,
    )


_LOCK = f"""
WITH locked AS MATERIALIZED (
    SELECT {intentions.COLUMNS}, m.state, m.updated_at, g.number AS wanted
    FROM unnest($2::smallint[], $3::uuid[], $4::int[]) AS g (bucket, message_id, number)
    JOIN messages m ON m.workspace_id = $1 AND m.bucket = g.bucket AND m.message_id = g.message_id
    JOIN intentions i ON i.workspace_id = $1 AND i.bucket = g.bucket AND i.message_id = g.message_id
    ORDER BY m.bucket, m.message_id
    FOR UPDATE OF m
)
SELECT locked.*, a.number, a.state AS attempt, a.deadline, coalesce(a.updated_at, locked.updated_at) AS since
FROM locked LEFT JOIN LATERAL (
    SELECT number, state, deadline, updated_at FROM attempts
    WHERE workspace_id = $1 AND bucket = locked.bucket AND message_id = locked.message_id
      AND number = CASE WHEN wanted > 0 THEN wanted ELSE (
        SELECT max(number) FROM attempts
        WHERE workspace_id = $1 AND bucket = locked.bucket AND message_id = locked.message_id
      ) END
    FOR UPDATE
) a ON true
"""
_APPLY = """
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(
        $3::smallint[], $4::uuid[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
        $11::boolean[], $12::text[], $13::timestamptz[], $14::int[]
    ) AS t (bucket, message_id, number, attempt, code, state, reason, provider_id, gone, stage, at, next_number)
),
attempt AS (
    UPDATE attempts a SET state = g.attempt, provider_code = g.code, deadline = NULL, updated_at = $2
    FROM given g
    WHERE g.attempt IS NOT NULL AND a.workspace_id = $1 AND a.bucket = g.bucket
      AND a.message_id = g.message_id AND a.number = g.number
    RETURNING a.message_id, a.contact_key, a.address_masked
),
message AS (
    UPDATE messages m
    SET state = g.state, reason = g.reason, updated_at = $2,
        provider_id = coalesce(nullif(g.provider_id, ''), m.provider_id),
        contact_key = coalesce(a.contact_key, m.contact_key),
        address_masked = coalesce(nullif(a.address_masked, ''), m.address_masked)
    FROM given g LEFT JOIN attempt a ON a.message_id = g.message_id
    WHERE g.state IS NOT NULL AND m.workspace_id = $1 AND m.bucket = g.bucket AND m.message_id = g.message_id
),
gone AS (
    DELETE FROM queue q USING given g
    WHERE g.gone AND q.workspace_id = $1 AND q.message_id = g.message_id AND q.bucket = g.bucket
)
UPDATE queue q SET stage = g.stage, not_before = g.at, number = g.next_number
FROM given g
WHERE g.stage IS NOT NULL AND q.workspace_id = $1 AND q.message_id = g.message_id AND q.bucket = g.bucket
"""
