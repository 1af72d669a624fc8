"""Messages with their attempts, lists of them, and the report that reconciles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of


@dataclass(frozen=True, slots=True)
class Filter:
    profile_id: UUID | None = None
    identity_ids: Sequence[UUID] = ()
    """Of the person; without them only what was asked for under that very profile id is found."""
    journey_id: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    outcomes: Sequence[Any]
    intentions: int
    attempts: int


async def get(tx: Tx, message_id: UUID) -> tuple[Any, list[Any]] | None:
    """The message and its attempts, oldest first."""
    row = await tx.fetchrow(_GET, tx.workspace_id, bucket_of(message_id), message_id)
    if row is None:
        return None
    return row, await attempts(tx, [(row["bucket"], message_id)])


async def page(tx: Tx, wanted: Filter, before: tuple[datetime, UUID] | None, size: int) -> list[Any]:
    """Newest first."""
    moment, message_id = before or (None, None)
    identity_ids = wanted.identity_ids or None
    profile_id = None if identity_ids else wanted.profile_id
    of = (profile_id, wanted.journey_id, wanted.state, moment, message_id, size, identity_ids)
    return await tx.fetch(_PAGE, tx.workspace_id, *of)


async def attempts(tx: Tx, keys: Sequence[tuple[int, UUID]]) -> list[Any]:
    return await tx.fetch(_ATTEMPTS, tx.workspace_id, [k[0] for k in keys], [k[1] for k in keys])


async def report(tx: Tx, journey_id: str) -> Report:
    """Counted from the rows, in one statement so that its sums agree."""
    rows = await tx.fetch(_REPORT, tx.workspace_id, journey_id)
    totals = next(row for row in rows if row["state"] is None)
    outcomes = [row for row in rows if row["state"] is not None]
    return Report(outcomes, totals["intentions"], totals["attempts"])


async def limits(tx: Tx) -> list[Any]:
    return await tx.fetch(_LIMITS, tx.workspace_id)


_COLUMNS = """
m.bucket, m.message_id, i.key, i.profile_id, m.channel, m.account, i.journey_id, i.node_id, i.run_id, i.trigger_id,
m.state, m.reason, m.address_masked, i.created_at, m.updated_at, i.purpose, i.topic, i.org_unit_id
"""
_GET = f"""
SELECT {_COLUMNS} FROM messages m
JOIN intentions i ON i.workspace_id = $1 AND i.bucket = m.bucket AND i.message_id = m.message_id
WHERE m.workspace_id = $1 AND m.bucket = $2 AND m.message_id = $3
"""
_PAGE = f"""
SELECT {_COLUMNS} FROM intentions i
JOIN messages m ON m.workspace_id = $1 AND m.bucket = i.bucket AND m.message_id = i.message_id
WHERE i.workspace_id = $1 AND ($2::uuid IS NULL OR i.profile_id = $2)
  AND ($8::uuid[] IS NULL OR i.identity_id = ANY($8))
  AND ($3::text = '' OR i.journey_id = $3) AND ($4::text = '' OR m.state = $4)
  AND ($5::timestamptz IS NULL OR (i.created_at, i.message_id) < ($5, $6::uuid))
ORDER BY i.created_at DESC, i.message_id DESC LIMIT $7
"""
_ATTEMPTS = """
SELECT a.message_id, a.number, a.state, a.provider_code, a.created_at, a.updated_at
FROM unnest($2::smallint[], $3::uuid[]) AS g (bucket, message_id)
JOIN attempts a ON a.workspace_id = $1 AND a.bucket = g.bucket AND a.message_id = g.message_id
ORDER BY a.message_id, a.number
"""
_REPORT = """
WITH wanted AS MATERIALIZED (
    SELECT bucket, message_id, journey_id, node_id FROM intentions
    WHERE workspace_id = $1 AND ($2::text = '' OR journey_id = $2)
)
SELECT w.journey_id, w.node_id, m.channel, m.state, m.reason, count(*) AS count, 0::bigint AS intentions,
       0::bigint AS attempts
FROM wanted w
JOIN messages m ON m.workspace_id = $1 AND m.bucket = w.bucket AND m.message_id = w.message_id
GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT '', '', '', NULL, '', 0, (SELECT count(*) FROM wanted), (
    SELECT count(*) FROM attempts a JOIN wanted w ON a.bucket = w.bucket AND a.message_id = w.message_id
    WHERE a.workspace_id = $1
)
ORDER BY 1, 2, 3, 4, 5
"""
_LIMITS = """
SELECT DISTINCT ON (channel, account) channel, account, per_second, source, updated_at FROM limits
WHERE workspace_id = $1 ORDER BY channel, account, updated_at DESC
"""
