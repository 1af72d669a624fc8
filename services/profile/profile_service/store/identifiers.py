"""Identifiers, the identities they own, and who these are.

Keys are looked up one by one (`CROSS JOIN LATERAL`): a plain join would leave it to statistics whether a batch reads
its own rows or the whole workspace, and a young table has none.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from chassis.database import Tx, columns
from chassis.ids import bucket_of

from profile_service.domain.calls import Key
from profile_service.domain.identity import Member, Merge, Name, Split
from profile_service.store.graph import MEMBER


class NewIdentifier(NamedTuple):
    key: Key
    sealed_value: bytes | None
    identity_id: UUID
    identity_no: int


def _key_bucket(key: Key) -> int:
    return bucket_of(key[2])


async def find(tx: Tx, keys: Iterable[Key]) -> dict[Key, Member]:
    """The identity behind each key that is known, and the person it is."""
    wanted = list(keys)
    rows = await tx.fetch(_FIND, tx.workspace_id, [_key_bucket(k) for k in wanted], *columns(wanted, 3))
    return {wanted[row[0] - 1]: Member._make(row[1:]) for row in rows}


async def claim(tx: Tx, new: Sequence[NewIdentifier], now: datetime) -> set[UUID]:
    """Inserts identifiers that nobody had; the identities of those that became ours. Waits for a rival inserting the
    same key."""
    ordered = sorted((_key_bucket(one.key), *one.key, *one[1:3]) for one in new)
    *rest, identities = columns(ordered, 6)
    rows = await tx.fetch(_CLAIM, tx.workspace_id, *rest, identities, list(map(bucket_of, identities)), now)
    return {row[0] for row in rows}


async def current(tx: Tx, identity_ids: Iterable[UUID]) -> dict[UUID, Member]:
    ids = list(identity_ids)
    rows = await tx.fetch(_CURRENT, tx.workspace_id, [bucket_of(i) for i in ids], ids)
    return _members(rows)


async def share(tx: Tx, identity_ids: Iterable[UUID]) -> dict[UUID, Member]:
    """Reads the rows of these identities, in key order, and lets nobody put them elsewhere until the transaction ends."""
    keys = sorted((bucket_of(i), i) for i in identity_ids)
    return _members(await tx.fetch(_SHARE, tx.workspace_id, *columns(keys, 2))) if keys else {}


async def hold(tx: Tx, identity_ids: Iterable[UUID]) -> dict[UUID, Member]:
    """Locks the rows of these identities alone, in key order, and reads them."""
    keys = sorted((bucket_of(i), i) for i in identity_ids)
    return _members(await tx.fetch(_HOLD, tx.workspace_id, *columns(keys, 2))) if keys else {}


async def lock_people(tx: Tx, profile_ids: Iterable[UUID]) -> None:
    """Holds every membership row of these people, in key order: nobody else can add to or take from them."""
    await tx.fetch(_LOCK_PEOPLE, tx.workspace_id, list(profile_ids))


async def members_of(tx: Tx, profile_ids: Iterable[UUID]) -> list[Member]:
    rows = await tx.fetch(_MEMBERS, tx.workspace_id, list(profile_ids))
    return list(map(Member._make, rows))


class Place(NamedTuple):
    """Where an identity belongs from now on."""

    identity_id: UUID
    person: Name
    through: UUID | None
    owner: UUID | None
    since: datetime | None


async def put(tx: Tx, places: Iterable[Place]) -> dict[UUID, Member]:
    """Writes where newborn identities belong, and puts others, which are held, elsewhere under new versions; the rows as
    they are now."""
    rows = sorted((bucket_of(i), i, p, n, t, o, s) for i, (n, p), t, o, s in places)
    return _members(await tx.fetch(_PUT, tx.workspace_id, *columns(rows, 7)))


def _members(rows: Sequence[Any]) -> dict[UUID, Member]:
    return {row[0]: Member._make(row) for row in rows}


async def insert_merges(
    tx: Tx,
    merges: Sequence[tuple[UUID, Merge, str, dict[str, Any]]],
    now: datetime,
) -> None:
    """(merge id, merge, rule, before-images). The evidence names identities, whose values are looked up when asked."""
    await tx.execute(
        _INSERT_MERGES,
        tx.workspace_id,
        [
            {
                "bucket": bucket_of(merge_id),
                "merge_id": str(merge_id),
                "profile_id": str(merge.winner_id),
                "losers": [str(p) for p in merge.loser_ids],
                "rule": rule,
                "evidence": {"message_id": merge.message_id, "identity_ids": [str(i) for i in merge.ends]},
                "before": before,
            }
            for merge_id, merge, rule, before in merges
        ],
        now,
    )


async def insert_splits(
    tx: Tx, splits: Sequence[tuple[UUID, Split, str, dict[str, Any]]], now: datetime
) -> None:
    """(split id, split, rule, evidence)."""
    await tx.execute(
        _INSERT_SPLITS,
        tx.workspace_id,
        [
            {
                "bucket": bucket_of(split_id),
                "split_id": str(split_id),
                "profile_id": str(split.from_id),
                "to_profile_id": str(split.to_id),
                "identity_ids": [str(i) for i in split.identity_ids],
                "rule": rule,
                "evidence": evidence,
            }
            for split_id, split, rule, evidence in splits
        ],
        now,
    )


_FIND = f"""
SELECT k.n, {MEMBER}
FROM unnest($2::smallint[], $3::text[], $4::text[], $5::bytea[]) WITH ORDINALITY AS k (bucket, type, scope, value_key, n)
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
RETURNING identity_id
"""
_CURRENT = f"""
SELECT {MEMBER}
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id) CROSS JOIN LATERAL (
  SELECT * FROM memberships WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id
    AND valid_to = 'infinity' OFFSET 0
) m
"""
_HOLD = f"""
SELECT {MEMBER}
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id) CROSS JOIN LATERAL (
  SELECT * FROM memberships WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id
    AND valid_to = 'infinity' FOR NO KEY UPDATE
) m
"""
_SHARE = _HOLD.replace("NO KEY UPDATE", "SHARE")
_LOCK_PEOPLE = """
SELECT 1 FROM (
  SELECT m.bucket, m.identity_id FROM unnest($2::uuid[]) AS p (id) CROSS JOIN LATERAL (
    SELECT bucket, identity_id FROM memberships WHERE workspace_id = $1 AND profile_id = p.id OFFSET 0
  ) m ORDER BY m.bucket, m.identity_id OFFSET 0
) k CROSS JOIN LATERAL (
  SELECT 1 FROM memberships WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id FOR UPDATE
) m
"""
_MEMBERS = f"""
SELECT {MEMBER} FROM unnest($2::uuid[]) AS p (id) CROSS JOIN LATERAL (
  SELECT * FROM memberships WHERE workspace_id = $1 AND profile_id = p.id AND valid_to = 'infinity' OFFSET 0
) m
"""
# An UPDATE joined by key would leave it to statistics how its rows are found.
_PUT = f"""
INSERT INTO memberships AS m (workspace_id, bucket, identity_id, profile_id, profile_no, through, owner, owned_since, version)
SELECT $1, b, i, p, n, t, o, s, nextval('membership_version')
FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::bigint[], $6::uuid[], $7::uuid[], $8::timestamptz[])
  AS r (b, i, p, n, t, o, s)
ON CONFLICT (workspace_id, bucket, identity_id, valid_from) DO UPDATE
SET profile_id = excluded.profile_id, profile_no = excluded.profile_no, through = excluded.through,
    owner = excluded.owner, owned_since = excluded.owned_since, version = excluded.version
RETURNING {MEMBER}
"""
_INSERT_SPLITS = """
INSERT INTO splits (workspace_id, bucket, split_id, profile_id, to_profile_id, identity_ids, rule, evidence, created_at)
SELECT $1, (r->>'bucket')::smallint, (r->>'split_id')::uuid, (r->>'profile_id')::uuid, (r->>'to_profile_id')::uuid,
       ARRAY(SELECT jsonb_array_elements_text(r->'identity_ids')::uuid), r->>'rule', r->'evidence', $3
FROM jsonb_array_elements($2::jsonb) AS r
"""
_INSERT_MERGES = """
INSERT INTO merges (workspace_id, bucket, merge_id, profile_id, merged_profile_ids, rule, evidence, before, created_at)
SELECT $1, (r->>'bucket')::smallint, (r->>'merge_id')::uuid, (r->>'profile_id')::uuid,
       ARRAY(SELECT jsonb_array_elements_text(r->'losers')::uuid), r->>'rule', r->'evidence', r->'before', $3
FROM jsonb_array_elements($2::jsonb) AS r
"""
