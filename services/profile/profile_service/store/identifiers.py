"""Identifiers, the identities they own, and who these are.

Keys are looked up one by one (`CROSS JOIN LATERAL`): a plain join would leave it to statistics whether a batch reads
its own rows or the whole workspace, and a young table has none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

from profile_service.domain.calls import Key
from profile_service.domain.identity import Member, Merge


@dataclass(frozen=True, slots=True)
class NewIdentifier:
    key: Key
    sealed_value: bytes | None
    identity_id: UUID
    identity_no: int


def _key_bucket(key: Key) -> int:
    return bucket_of(key[2])


async def find(tx: Tx, keys: Iterable[Key]) -> dict[Key, Member]:
    """The identity behind each key that is known, and the person it is."""
    wanted = list(keys)
    rows = await tx.fetch(
        _FIND, tx.workspace_id, [_key_bucket(k) for k in wanted], *([k[n] for k in wanted] for n in range(3))
    )
    return {(r["type"], r["scope"], r["value_key"]): _member(r) for r in rows}


async def claim(tx: Tx, new: Sequence[NewIdentifier], now: datetime) -> set[Key]:
    """Inserts identifiers that nobody had; the keys that became ours. Waits for a rival inserting the same key."""
    ordered = sorted(new, key=lambda n: (_key_bucket(n.key), n.key))
    rows = await tx.fetch(
        _CLAIM,
        tx.workspace_id,
        [_key_bucket(n.key) for n in ordered],
        *([n.key[i] for n in ordered] for i in range(3)),
        [n.sealed_value for n in ordered],
        [n.identity_id for n in ordered],
        [bucket_of(n.identity_id) for n in ordered],
        now,
    )
    return {(r["type"], r["scope"], r["value_key"]) for r in rows}


async def current(tx: Tx, identity_ids: Iterable[UUID]) -> dict[UUID, Member]:
    ids = list(identity_ids)
    rows = await tx.fetch(_CURRENT, tx.workspace_id, [bucket_of(i) for i in ids], ids)
    return {r["identity_id"]: _member(r) for r in rows}


async def lock_people(tx: Tx, profile_ids: Iterable[UUID]) -> None:
    """Holds every membership row of these people, in key order: nobody else can add to or take from them."""
    await tx.fetch(_LOCK_PEOPLE, tx.workspace_id, list(profile_ids))


async def members_of(tx: Tx, profile_ids: Iterable[UUID]) -> list[Member]:
    rows = await tx.fetch(_MEMBERS, tx.workspace_id, list(profile_ids))
    return [_member(r) for r in rows]


async def insert_identities(
    tx: Tx, born: Sequence[NewIdentifier], names: Mapping[UUID, tuple[UUID, int]], now: datetime
) -> dict[UUID, Member]:
    """Writes newborn identities with the person they belong to; their memberships."""
    ordered = sorted(born, key=lambda n: (bucket_of(n.identity_id), n.identity_id))
    ids = [n.identity_id for n in ordered]
    buckets = [bucket_of(i) for i in ids]
    named = [names.get(n.identity_id, (n.identity_id, n.identity_no)) for n in ordered]
    await tx.execute(_INSERT_IDENTITIES, tx.workspace_id, buckets, ids, [n.identity_no for n in ordered], now)
    rows = await tx.fetch(
        _INSERT_MEMBERSHIPS, tx.workspace_id, buckets, ids, [p for p, _ in named], [n for _, n in named]
    )
    return {r["identity_id"]: _member(r) for r in rows}


async def rename(tx: Tx, merges: Sequence[Merge]) -> dict[UUID, Member]:
    """Moves the losers' membership rows to the winner under new versions; the rows as they are now."""
    moves = [(loser, m.winner_id, m.winner_no) for m in merges for loser in m.loser_ids]
    rows = await tx.fetch(
        _RENAME, tx.workspace_id, [m[0] for m in moves], [m[1] for m in moves], [m[2] for m in moves]
    )
    return {r["identity_id"]: _member(r) for r in rows}


async def insert_edges(tx: Tx, edges: Iterable[tuple[UUID, UUID, str]], now: datetime) -> None:
    rows = sorted((bucket_of(low), low, high, message) for low, high, message in edges)
    if rows:
        await tx.execute(_INSERT_EDGES, tx.workspace_id, *([r[i] for r in rows] for i in range(4)), now)


async def insert_merges(
    tx: Tx,
    merges: Sequence[tuple[UUID, Merge, dict[str, Any], dict[str, Any]]],
    now: datetime,
) -> None:
    """(merge id, merge, evidence, before-images)."""
    await tx.execute(
        _INSERT_MERGES,
        tx.workspace_id,
        [
            {
                "bucket": bucket_of(merge_id),
                "merge_id": str(merge_id),
                "profile_id": str(merge.winner_id),
                "losers": [str(p) for p in merge.loser_ids],
                "evidence": evidence,
                "before": before,
            }
            for merge_id, merge, evidence, before in merges
        ],
        now,
    )


def _member(row: Any) -> Member:
    return Member(row["identity_id"], row["profile_id"], row["profile_no"], row["version"])


_FIND = """
SELECT i.type, i.scope, i.value_key, m.identity_id, m.profile_id, m.profile_no, m.version
FROM unnest($2::smallint[], $3::text[], $4::text[], $5::bytea[]) AS k (bucket, type, scope, value_key)
CROSS JOIN LATERAL (
  SELECT * FROM identifiers WHERE workspace_id = $1 AND bucket = k.bucket AND type = k.type AND scope = k.scope
    AND value_key = k.value_key OFFSET 0
) i CROSS JOIN LATERAL (
  SELECT * FROM memberships WHERE workspace_id = $1 AND bucket = i.identity_bucket AND identity_id = i.identity_id
    AND valid_to = 'infinity' OFFSET 0
) m
"""
_CLAIM = """
INSERT INTO identifiers (workspace_id, bucket, type, scope, value_key, sealed_value, identity_id, identity_bucket,
                         created_at)
SELECT $1, b, t, s, k, v, i, ib, $9
FROM unnest($2::smallint[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::uuid[], $8::smallint[])
  AS r (b, t, s, k, v, i, ib)
ON CONFLICT DO NOTHING
RETURNING type, scope, value_key
"""
_CURRENT = """
SELECT m.identity_id, m.profile_id, m.profile_no, m.version
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id) CROSS JOIN LATERAL (
  SELECT * FROM memberships WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id
    AND valid_to = 'infinity' OFFSET 0
) m
"""
_LOCK_PEOPLE = """
SELECT 1 FROM memberships WHERE workspace_id = $1 AND profile_id = ANY($2::uuid[])
ORDER BY bucket, identity_id FOR UPDATE
"""
_MEMBERS = """
SELECT identity_id, profile_id, profile_no, version FROM memberships
WHERE workspace_id = $1 AND profile_id = ANY($2::uuid[]) AND valid_to = 'infinity'
"""
_INSERT_IDENTITIES = """
INSERT INTO identities (workspace_id, bucket, identity_id, identity_no, created_at, updated_at)
SELECT $1, b, i, n, $5, $5 FROM unnest($2::smallint[], $3::uuid[], $4::bigint[]) AS r (b, i, n)
"""
_INSERT_MEMBERSHIPS = """
INSERT INTO memberships (workspace_id, bucket, identity_id, profile_id, profile_no, version)
SELECT $1, b, i, p, n, nextval('membership_version')
FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::bigint[]) AS r (b, i, p, n)
RETURNING identity_id, profile_id, profile_no, version
"""
_RENAME = """
UPDATE memberships m SET profile_id = r.winner, profile_no = r.winner_no, version = nextval('membership_version')
FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS r (loser, winner, winner_no)
WHERE m.workspace_id = $1 AND m.profile_id = r.loser AND m.valid_to = 'infinity'
RETURNING m.identity_id, m.profile_id, m.profile_no, m.version
"""
_INSERT_EDGES = """
INSERT INTO edges (workspace_id, bucket, low_id, high_id, message_id, event_time)
SELECT $1, b, l, h, m, $6 FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::text[]) AS r (b, l, h, m)
ON CONFLICT DO NOTHING
"""
_INSERT_MERGES = """
INSERT INTO merges (workspace_id, bucket, merge_id, profile_id, merged_profile_ids, rule, evidence, before, created_at)
SELECT $1, (r->>'bucket')::smallint, (r->>'merge_id')::uuid, (r->>'profile_id')::uuid,
       ARRAY(SELECT jsonb_array_elements_text(r->'losers')::uuid), 'exact_match', r->'evidence', r->'before', $3
FROM jsonb_array_elements($2::jsonb) AS r
"""
