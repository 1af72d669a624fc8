"""Who is in which segment now, and the history of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from chassis.clock import from_ms
from chassis.database import Tx
from chassis.ids import bucket_of

from segment_service.domain.membership import Change, net
from segment_service.naming import record_id_of
from segment_service.store.keys import with_buckets


async def load_inside(tx: Tx, profiles: Iterable[UUID]) -> dict[UUID, set[str]]:
    """The segments of each person that is in any."""
    buckets, ids = with_buckets(profiles)
    found: dict[UUID, set[str]] = {}
    if not ids:
        return found
    for profile_id, segment_id in await tx.fetch(_LOAD, tx.workspace_id, buckets, ids):
        found.setdefault(profile_id, set()).add(segment_id)
    return found


async def apply(tx: Tx, changes: Sequence[Change]) -> None:
    """Writes the rows that the changes end in, and every change into the history."""
    if not changes:
        return
    entered, left = net(changes)
    if left:
        # One trip. A DELETE that joins cannot be held to looking its keys up one by one, as a SELECT can.
        await tx.executemany(_LEAVE, [(tx.workspace_id, bucket_of(p), p, segment) for segment, p in left])
    if entered:
        await tx.execute(
            _ENTER,
            tx.workspace_id,
            *_columns(entered.values()),
            [c.person.profile_no for c in entered.values()],
        )
    await tx.execute(
        _REMEMBER,
        tx.workspace_id,
        *_columns(changes),
        [c.kind for c in changes],
        [c.reason for c in changes],
        [record_id_of(c) for c in changes],
    )


async def count(tx: Tx, segment_ids: Sequence[str]) -> dict[str, int]:
    return dict(await tx.fetch(_COUNT, tx.workspace_id, segment_ids))


async def page(tx: Tx, segment_id: str, after_no: int, limit: int) -> list[tuple[UUID, int, datetime]]:
    """Members by number: (profile id, number, when they entered)."""
    rows = await tx.fetch(_PAGE, tx.workspace_id, segment_id, after_no, limit)
    return [(r["profile_id"], r["profile_no"], r["entered_at"]) for r in rows]


async def of_person(tx: Tx, profile_id: UUID, limit: int) -> list[tuple[str, str, datetime]]:
    """(segment id, name, when they entered), entered last first."""
    rows = await tx.fetch(_OF_PERSON, tx.workspace_id, bucket_of(profile_id), profile_id, limit)
    return [(r["segment_id"], r["name"], r["entered_at"]) for r in rows]


def _columns(changes: Iterable[Change]) -> tuple[list[int], list[str], list[UUID], list[datetime]]:
    listed = list(changes)
    return (
        [bucket_of(c.person.identity_id) for c in listed],
        [c.segment_id for c in listed],
        [c.person.identity_id for c in listed],
        [from_ms(c.cause.event_ms) for c in listed],
    )


_LOAD = """
SELECT m.* FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, profile_id) CROSS JOIN LATERAL (
  SELECT profile_id, segment_id FROM memberships
  WHERE workspace_id = $1 AND bucket = k.bucket AND profile_id = k.profile_id OFFSET 0
) m
"""
_OF_PERSON = """
SELECT m.segment_id, s.name, m.entered_at FROM memberships m
JOIN segments s ON s.workspace_id = $1 AND s.segment_id = m.segment_id
WHERE m.workspace_id = $1 AND m.bucket = $2 AND m.profile_id = $3
ORDER BY m.entered_at DESC, m.segment_id LIMIT $4
"""
_ENTER = """
INSERT INTO memberships (workspace_id, bucket, segment_id, profile_id, entered_at, profile_no)
SELECT $1, * FROM unnest($2::smallint[], $3::text[], $4::uuid[], $5::timestamptz[], $6::bigint[])
ON CONFLICT (workspace_id, bucket, profile_id, segment_id) DO UPDATE SET entered_at = excluded.entered_at
"""
# `|| ''` keeps the index by segment out of it: to a planner without statistics all of a segment looks like one row.
_LEAVE = """
DELETE FROM memberships
WHERE workspace_id = $1 AND bucket = $2 AND profile_id = $3 AND (segment_id || '') = $4
"""
_REMEMBER = """
INSERT INTO membership_history (workspace_id, bucket, segment_id, profile_id, at, change, reason, record_id)
SELECT $1, * FROM unnest(
  $2::smallint[], $3::text[], $4::uuid[], $5::timestamptz[], $6::text[], $7::text[], $8::uuid[])
ON CONFLICT DO NOTHING
"""
_COUNT = """
SELECT segment_id, count(*) FROM memberships WHERE workspace_id = $1 AND segment_id = ANY($2::text[])
GROUP BY segment_id
"""
_PAGE = """
SELECT profile_id, profile_no, entered_at FROM memberships
WHERE workspace_id = $1 AND segment_id = $2 AND profile_no > $3 ORDER BY profile_no LIMIT $4
"""
