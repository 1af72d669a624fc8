"""Which org units know an identity: those that one of its calls named."""

from collections.abc import Collection, Sequence
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of


async def add(tx: Tx, known: Collection[tuple[UUID, str]]) -> None:
    """Pairs of identity and org unit, new and known ones alike."""
    if not known:
        return
    rows = sorted(known, key=lambda pair: (bucket_of(pair[0]), pair[0], pair[1]))
    await tx.execute(
        _ADD, tx.workspace_id, [bucket_of(i) for i, _ in rows], [i for i, _ in rows], [u for _, u in rows]
    )


async def know(tx: Tx, identity_ids: Sequence[UUID], org_units: Sequence[str]) -> bool:
    """Whether one of the org units knows one of the identities."""
    buckets = [bucket_of(i) for i in identity_ids]
    found = await tx.fetchval(_KNOW, tx.workspace_id, buckets, identity_ids, list(org_units))
    return bool(found)


async def known(tx: Tx, profile_ids: Collection[UUID], org_units: Sequence[str]) -> set[UUID]:
    """Those of the people whom one of the org units knows."""
    rows = await tx.fetch(_KNOWN, tx.workspace_id, list(profile_ids), list(org_units))
    return {r["profile_id"] for r in rows}


_ADD = """
INSERT INTO identity_org_units (workspace_id, bucket, identity_id, org_unit_id)
SELECT $1, * FROM unnest($2::smallint[], $3::uuid[], $4::text[])
ON CONFLICT DO NOTHING
"""
_KNOW = """
SELECT true FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id)
JOIN identity_org_units o
  ON o.workspace_id = $1 AND o.bucket = k.bucket AND o.identity_id = k.identity_id AND o.org_unit_id = ANY($4::text[])
LIMIT 1
"""
_KNOWN = """
SELECT k.profile_id FROM unnest($2::uuid[]) AS k (profile_id) WHERE EXISTS (
  SELECT 1 FROM memberships m
  JOIN identity_org_units o
    ON o.workspace_id = $1 AND o.bucket = m.bucket AND o.identity_id = m.identity_id AND o.org_unit_id = ANY($3::text[])
  WHERE m.workspace_id = $1 AND m.profile_id = k.profile_id AND m.valid_to = 'infinity')
"""
