"""Who fits: people in the order of their ids, and identities by parts of their values.

Each step reads a bounded number of rows and says how far it came, however few of them fit.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

HIGHEST = UUID(int=2**128 - 1)
_COUNTED = 1_000


class Filter(NamedTuple):
    """None and nothing: no matter."""

    updated_from: datetime | None = None
    updated_to: datetime | None = None
    identifier_type: str | None = None
    org_unit_id: str | None = None
    confined_to: tuple[str, ...] | None = None


async def people(tx: Tx, wanted: Filter, above: UUID, below: UUID, steps: int) -> list[Any]:
    """The next `steps` people, highest id first, from `above` to before `below`: (profile_id, fits)."""
    return await tx.fetch(_PEOPLE, tx.workspace_id, above, below, steps, *wanted)


async def rarest(tx: Tx, kind: str, tokens: Sequence[bytes]) -> bytes:
    """The token that fewest identities have, as far as that is worth counting."""
    buckets = [bucket_of(t) for t in tokens]
    found: bytes = await tx.fetchval(_RAREST, tx.workspace_id, buckets, kind, tokens, _COUNTED)
    return found


async def with_token(
    tx: Tx, kind: str, token: bytes, others: Sequence[bytes], below: UUID, steps: int
) -> list[Any]:
    """The next `steps` identities with the token, highest id first: (identity_id, fits), which have the others too."""
    buckets = [bucket_of(t) for t in others]
    return await tx.fetch(
        _WITH_TOKEN, tx.workspace_id, bucket_of(token), kind, token, below, steps, buckets, others
    )


async def with_contact_point(tx: Tx, contact_key: bytes, below: UUID, steps: int) -> list[UUID]:
    """The next `steps` identities that have, or had, the address, highest id first."""
    rows = await tx.fetch(_WITH_CONTACT_POINT, tx.workspace_id, contact_key, below, steps)
    return [row["identity_id"] for row in rows]


async def personal_traits(tx: Tx, identity_ids: Sequence[UUID]) -> list[Any]:
    return await tx.fetch(_TRAITS, tx.workspace_id, [bucket_of(i) for i in identity_ids], identity_ids)


_PEOPLE = """
WITH step AS MATERIALIZED (
  SELECT DISTINCT profile_id FROM memberships
  WHERE workspace_id = $1 AND profile_id >= $2 AND profile_id < $3 AND valid_to = 'infinity'
  ORDER BY profile_id DESC LIMIT $4
)
SELECT s.profile_id,
  ($5::timestamptz IS NULL AND $6::timestamptz IS NULL OR (
    SELECT max(i.updated_at) >= coalesce($5, '-infinity') AND max(i.updated_at) < coalesce($6, 'infinity')
    FROM memberships m
    JOIN identities i ON i.workspace_id = $1 AND i.bucket = m.bucket AND i.identity_id = m.identity_id
    WHERE m.workspace_id = $1 AND m.profile_id = s.profile_id AND m.valid_to = 'infinity'))
  AND ($7::text IS NULL OR EXISTS (
    SELECT 1 FROM memberships m JOIN identifiers n ON n.workspace_id = $1 AND n.identity_id = m.identity_id
    WHERE m.workspace_id = $1 AND m.profile_id = s.profile_id AND m.valid_to = 'infinity' AND n.type = $7))
  AND ($8::text IS NULL OR EXISTS (
    SELECT 1 FROM memberships m JOIN identity_org_units o
      ON o.workspace_id = $1 AND o.bucket = m.bucket AND o.identity_id = m.identity_id AND o.org_unit_id = $8
    WHERE m.workspace_id = $1 AND m.profile_id = s.profile_id AND m.valid_to = 'infinity'))
  AND ($9::text[] IS NULL OR EXISTS (
    SELECT 1 FROM memberships m JOIN identity_org_units o
      ON o.workspace_id = $1 AND o.bucket = m.bucket AND o.identity_id = m.identity_id AND o.org_unit_id = ANY($9)
    WHERE m.workspace_id = $1 AND m.profile_id = s.profile_id AND m.valid_to = 'infinity')) AS fits
FROM step s ORDER BY s.profile_id DESC
"""
_RAREST = """
SELECT k.token FROM unnest($2::smallint[], $4::bytea[]) AS k (bucket, token)
CROSS JOIN LATERAL (
  SELECT count(*) AS identities FROM (
    SELECT 1 FROM search_keys WHERE workspace_id = $1 AND bucket = k.bucket AND kind = $3 AND token = k.token LIMIT $5
  ) first
) c ORDER BY c.identities, k.token LIMIT 1
"""
_WITH_TOKEN = """
SELECT s.identity_id, NOT EXISTS (
  SELECT 1 FROM unnest($7::smallint[], $8::bytea[]) AS o (bucket, token) WHERE NOT EXISTS (
    SELECT 1 FROM search_keys x WHERE x.workspace_id = $1 AND x.bucket = o.bucket AND x.kind = $3
      AND x.token = o.token AND x.identity_id = s.identity_id)
) AS fits
FROM (
  SELECT identity_id FROM search_keys
  WHERE workspace_id = $1 AND bucket = $2 AND kind = $3 AND token = $4 AND identity_id < $5
  ORDER BY identity_id DESC LIMIT $6
) s ORDER BY s.identity_id DESC
"""
_WITH_CONTACT_POINT = """
SELECT identity_id FROM contact_points WHERE workspace_id = $1 AND contact_key = $2 AND identity_id < $3
ORDER BY identity_id DESC LIMIT $4
"""
_TRAITS = """
SELECT i.identity_id, i.sealed_traits
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id)
JOIN identities i ON i.workspace_id = $1 AND i.bucket = k.bucket AND i.identity_id = k.identity_id
"""
