"""Accounts, and which identities are or were of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from chassis.database import Tx, columns
from chassis.ids import bucket_of

from profile_service.store.facts import StoredTraits


class Join(NamedTuple):
    identity_id: UUID
    account_id: str
    at: datetime


async def begin(tx: Tx, account_ids: Iterable[str], now: datetime) -> None:
    ids = _sorted(account_ids)
    await tx.execute(_BEGIN, tx.workspace_id, _buckets(ids), ids, now)


async def lock(tx: Tx, account_ids: Iterable[str]) -> dict[str, StoredTraits]:
    """Held until the transaction ends."""
    ids = _sorted(account_ids)
    rows = await tx.fetch(_LOCK, tx.workspace_id, _buckets(ids), ids)
    return {row[0]: StoredTraits(*row[1:]) for row in rows}


async def update(tx: Tx, changed: Mapping[str, StoredTraits], now: datetime) -> None:
    ids = list(changed)
    columns = [[changed[i][n] for i in ids] for n in range(3)]
    await tx.execute(_UPDATE, tx.workspace_id, _buckets(ids), ids, *columns, now)


async def join(tx: Tx, joins: Iterable[Join]) -> None:
    """First and last time of each identity and account; one row a key, sorted."""
    spans: dict[tuple[int, UUID, str], tuple[datetime, datetime]] = {}
    for one in joins:
        key = (bucket_of(one.identity_id), one.identity_id, one.account_id)
        first, last = spans.get(key, (one.at, one.at))
        spans[key] = (min(first, one.at), max(last, one.at))
    keys = sorted(spans)
    await tx.execute(
        _JOIN,
        tx.workspace_id,
        *columns(keys, 3),
        *([spans[key][n] for key in keys] for n in range(2)),
    )


async def set_role(tx: Tx, identity_ids: Collection[UUID], account_id: str, role: str, now: datetime) -> bool:
    """Of every row that these identities have; those that had ended begin anew. Whether there was any."""
    ids = list(identity_ids)
    buckets = [bucket_of(i) for i in ids]
    done = await tx.execute(_SET_ROLE, tx.workspace_id, buckets, ids, account_id, role, now)
    return done != "UPDATE 0"


async def end(tx: Tx, identity_ids: Collection[UUID], account_id: str, now: datetime) -> None:
    ids = list(identity_ids)
    await tx.execute(_END, tx.workspace_id, [bucket_of(i) for i in ids], ids, account_id, now)


async def member(tx: Tx, identity_ids: Collection[UUID], account_id: str) -> Any:
    """The first row of these identities, or None."""
    ids = list(identity_ids)
    return await tx.fetchrow(_MEMBER, tx.workspace_id, [bucket_of(i) for i in ids], ids, account_id)


async def get(tx: Tx, account_id: str) -> Any:
    return await tx.fetchrow(
        f"{_SELECT} AND bucket = $2 AND account_id = $3",
        tx.workspace_id,
        bucket_of(account_id.encode()),
        account_id,
    )


async def page(tx: Tx, after: str, limit: int) -> list[Any]:
    return await tx.fetch(
        f"{_SELECT} AND account_id > $2 ORDER BY account_id LIMIT $3", tx.workspace_id, after, limit
    )


async def members(tx: Tx, account_id: str, after: UUID | None, limit: int) -> list[Any]:
    """By identity."""
    return await tx.fetch(_MEMBERS, tx.workspace_id, account_id, after, limit)


async def of_identities(tx: Tx, identity_ids: Sequence[UUID], limit: int) -> list[Any]:
    """Accounts of a person, each once over these identities, current ones first."""
    buckets = [bucket_of(i) for i in identity_ids]
    return await tx.fetch(_OF_IDENTITIES, tx.workspace_id, buckets, list(identity_ids), limit)


def _sorted(account_ids: Iterable[str]) -> list[str]:
    return sorted(account_ids, key=lambda i: (bucket_of(i.encode()), i))


def _buckets(account_ids: Iterable[str]) -> list[int]:
    return [bucket_of(i.encode()) for i in account_ids]


_IS_MEMBER = "(m.ended_at IS NULL OR m.joined_last > m.ended_at)"
_SELECT = "SELECT account_id, traits, created_at, updated_at FROM accounts WHERE workspace_id = $1"
_BEGIN = """
INSERT INTO accounts (workspace_id, bucket, account_id, created_at, updated_at)
SELECT $1, b, a, $4, $4 FROM unnest($2::smallint[], $3::text[]) AS r (b, a)
ON CONFLICT DO NOTHING
"""
_LOCK = """
SELECT a.account_id, a.traits, a.trait_times, a.sealed_traits
FROM unnest($2::smallint[], $3::text[]) AS k (bucket, account_id) CROSS JOIN LATERAL (
  SELECT * FROM accounts WHERE workspace_id = $1 AND bucket = k.bucket AND account_id = k.account_id FOR UPDATE
) a
"""
# The rows are there, and held. An UPDATE joined by key would leave it to statistics how they are found.
_UPDATE = """
INSERT INTO accounts (workspace_id, bucket, account_id, traits, trait_times, sealed_traits, created_at, updated_at)
SELECT $1, r.*, $7, $7 FROM unnest($2::smallint[], $3::text[], $4::jsonb[], $5::jsonb[], $6::bytea[]) AS r
ON CONFLICT (workspace_id, bucket, account_id) DO UPDATE
SET traits = excluded.traits, trait_times = excluded.trait_times, sealed_traits = excluded.sealed_traits,
    updated_at = excluded.updated_at
"""
_JOIN = """
INSERT INTO account_members (workspace_id, bucket, identity_id, account_id, joined_first, joined_last)
SELECT $1, * FROM unnest($2::smallint[], $3::uuid[], $4::text[], $5::timestamptz[], $6::timestamptz[])
ON CONFLICT (workspace_id, bucket, identity_id, account_id) DO UPDATE
SET joined_first = least(account_members.joined_first, excluded.joined_first),
    joined_last = greatest(account_members.joined_last, excluded.joined_last)
"""
_MINE = """
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id)
WHERE m.workspace_id = $1 AND m.bucket = k.bucket AND m.identity_id = k.identity_id AND m.account_id = $4
"""
_SET_ROLE = f"""
UPDATE account_members m SET role = $5,
  joined_last = CASE WHEN {_IS_MEMBER} THEN m.joined_last ELSE greatest(m.joined_last, $6::timestamptz) END {_MINE}
"""
_END = f"UPDATE account_members m SET ended_at = greatest(m.joined_last, $5::timestamptz) {_MINE} AND {_IS_MEMBER}"
_ENDED = f"CASE WHEN {_IS_MEMBER} THEN NULL ELSE m.ended_at END AS ended"
_MEMBER = f"""
SELECT m.identity_id, m.role, m.joined_first, {_ENDED}
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id)
JOIN account_members m ON m.workspace_id = $1 AND m.bucket = k.bucket AND m.identity_id = k.identity_id
WHERE m.account_id = $4 ORDER BY ended DESC NULLS FIRST, m.joined_first LIMIT 1
"""
_MEMBERS = f"""
SELECT m.identity_id, p.profile_id, m.role, m.joined_first, {_ENDED}
FROM (
  SELECT * FROM account_members WHERE workspace_id = $1 AND account_id = $2
    AND ($3::uuid IS NULL OR identity_id > $3) ORDER BY identity_id LIMIT $4
) m CROSS JOIN LATERAL (
  SELECT profile_id FROM memberships WHERE workspace_id = $1 AND bucket = m.bucket AND identity_id = m.identity_id
    AND valid_to = 'infinity' OFFSET 0
) p ORDER BY m.identity_id
"""
_OF_IDENTITIES = f"""
SELECT m.account_id, a.traits->>'name' AS name, max(m.role) AS role, min(m.joined_first) AS joined,
       CASE WHEN bool_or({_IS_MEMBER}) THEN NULL ELSE max(m.ended_at) END AS ended
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id)
JOIN account_members m ON m.workspace_id = $1 AND m.bucket = k.bucket AND m.identity_id = k.identity_id
JOIN accounts a ON a.workspace_id = $1 AND a.account_id = m.account_id
GROUP BY 1, 2 ORDER BY ended DESC NULLS FIRST, m.account_id LIMIT $4
"""
