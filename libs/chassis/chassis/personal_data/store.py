"""Erasures of which a service was told, and the identities that nothing may be stored of any more."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

KEPT = timedelta(days=60)
"""How long an erased identity is remembered: longer than anything that could still tell of it is kept, which are
streams, outboxes and backups."""
_LETTERS = 500


async def any_erased(tx: Tx) -> bool:
    return bool(await tx.fetchval(_ANY, tx.workspace_id))


async def erased_among(tx: Tx, identity_ids: Collection[UUID]) -> set[UUID]:
    ids = list(identity_ids)
    rows = await tx.fetch(_AMONG, tx.workspace_id, [bucket_of(i) for i in ids], ids)
    return {row["identity_id"] for row in rows}


async def note(
    tx: Tx, erasure_id: UUID, identity_ids: Sequence[UUID], erased: Mapping[str, int], now: datetime
) -> None:
    """Remembers what is erased, and forgets what was long ago."""
    await tx.execute(_FORGET, tx.workspace_id, now - KEPT)
    ids = sorted(identity_ids, key=lambda i: (bucket_of(i), i))
    await tx.execute(_NOTE, tx.workspace_id, [bucket_of(i) for i in ids], ids, erasure_id, now)
    await add(tx, erasure_id, erased)


async def add(tx: Tx, erasure_id: UUID, erased: Mapping[str, int]) -> None:
    """Adds to the counts of the erasure, which begins with it."""
    await tx.execute(_BEGIN, tx.workspace_id, erasure_id)
    known = (await tx.fetchrow(_ERASURE, tx.workspace_id, erasure_id))["erased"]
    total = {name: known.get(name, 0) + erased.get(name, 0) for name in (*known, *erased)}
    await tx.execute(_COUNT, tx.workspace_id, erasure_id, total)


async def erasure(tx: Tx, erasure_id: UUID) -> Any:
    """The row (heard_at, finished_at, erased), held; None while nothing was heard of it."""
    return await tx.fetchrow(_ERASURE, tx.workspace_id, erasure_id)


async def identities(tx: Tx, erasure_id: UUID) -> list[UUID]:
    rows = await tx.fetch(_IDENTITIES, tx.workspace_id, erasure_id)
    return [row["identity_id"] for row in rows]


async def hear(tx: Tx, erasure_id: UUID) -> None:
    """From now on whatever begins knows of the erasure."""
    await tx.execute(_HEAR, tx.workspace_id, erasure_id)


async def is_old_work_open(tx: Tx, since: datetime) -> bool:
    """Whether a transaction of this service that began before is still under way: it may not know of the erasure."""
    return bool(await tx.fetchval(_OPEN, since))


async def finish(tx: Tx, erasure_id: UUID, now: datetime) -> None:
    await tx.execute(_FINISH, tx.workspace_id, erasure_id, now)


async def drop_letters(tx: Tx, is_theirs: Callable[[str, bytes], bool]) -> int:
    """Removes dead letters by their (subject, record); how many."""
    dropped, last = 0, 0
    while rows := await tx.fetch(_LETTERS_AFTER, tx.workspace_id, last, _LETTERS):
        last = rows[-1]["id"]
        gone = [row["id"] for row in rows if is_theirs(row["subject"], row["record"])]
        if gone:
            await tx.execute(_DROP_LETTERS, tx.workspace_id, gone)
        dropped += len(gone)
    return dropped


_ANY = "SELECT EXISTS (SELECT FROM erased_identities WHERE workspace_id = $1)"
_AMONG = """
SELECT e.identity_id FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id) CROSS JOIN LATERAL (
  SELECT identity_id FROM erased_identities
  WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id OFFSET 0
) e
"""
_FORGET = "DELETE FROM erased_identities WHERE workspace_id = $1 AND erased_at < $2"
_NOTE = """
INSERT INTO erased_identities (workspace_id, bucket, identity_id, erasure_id, erased_at)
SELECT $1, b, i, $4, $5 FROM unnest($2::smallint[], $3::uuid[]) AS k (b, i)
ON CONFLICT DO NOTHING
"""
_BEGIN = "INSERT INTO erasures (workspace_id, erasure_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
_ERASURE = """
SELECT heard_at, finished_at, erased FROM erasures WHERE workspace_id = $1 AND erasure_id = $2 FOR UPDATE
"""
_COUNT = "UPDATE erasures SET erased = $3 WHERE workspace_id = $1 AND erasure_id = $2"
_IDENTITIES = "SELECT identity_id FROM erased_identities WHERE workspace_id = $1 AND erasure_id = $2"
_HEAR = """
UPDATE erasures SET heard_at = clock_timestamp() WHERE workspace_id = $1 AND erasure_id = $2 AND heard_at IS NULL
"""
_OPEN = """
SELECT EXISTS (
  SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid() AND xact_start < $1
)
"""
_FINISH = "UPDATE erasures SET finished_at = $3 WHERE workspace_id = $1 AND erasure_id = $2"
_LETTERS_AFTER = """
SELECT id, subject, record FROM dead_letters WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3
"""
_DROP_LETTERS = "DELETE FROM dead_letters WHERE workspace_id = $1 AND id = ANY($2::bigint[])"
