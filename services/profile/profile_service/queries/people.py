"""Reads that skip the model: one person, addresses, merges."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

from profile_service.store import identifiers


async def resolve(tx: Tx, profile_id: UUID) -> UUID | None:
    """The person of today behind any profile id ever given out: it is the id of one of their identities."""
    found = await identifiers.current(tx, [profile_id])
    return found[profile_id].profile_id if profile_id in found else None


async def identities(tx: Tx, profile_id: UUID) -> list[Any]:
    return await tx.fetch(_IDENTITIES, tx.workspace_id, profile_id)


async def freshest_contacts(tx: Tx, profile_ids: Sequence[UUID], contact_type: str) -> dict[UUID, Any]:
    """Asked profile id → row (current_id, address or nulls); ids nobody was given are absent. The
    address said last, verified or not: a number that was given up must not be written to."""
    buckets = [bucket_of(p) for p in profile_ids]
    rows = await tx.fetch(_FRESHEST, tx.workspace_id, buckets, profile_ids, contact_type)
    return {r["asked"]: r for r in rows}


async def merges(tx: Tx, profile_id: UUID | None, before: UUID | None, limit: int) -> list[Any]:
    return await tx.fetch(_MERGES, tx.workspace_id, profile_id, before, limit)


_IDENTITIES = """
SELECT i.identity_id, i.identity_no, i.traits, i.trait_times, i.sealed_traits, i.created_at, i.updated_at,
       m.profile_no, m.version
FROM memberships m
JOIN identities i ON i.workspace_id = $1 AND i.bucket = m.bucket AND i.identity_id = m.identity_id
WHERE m.workspace_id = $1 AND m.profile_id = $2 AND m.valid_to = 'infinity'
ORDER BY i.identity_no
"""
_FRESHEST = """
SELECT k.asked, me.profile_id AS current_id, c.contact_key, c.sealed_address, c.event_time
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, asked)
JOIN memberships me ON me.workspace_id = $1 AND me.bucket = k.bucket AND me.identity_id = k.asked
  AND me.valid_to = 'infinity'
LEFT JOIN LATERAL (
  SELECT cp.contact_key, cp.sealed_address, cp.event_time
  FROM memberships m
  JOIN contact_points cp ON cp.workspace_id = $1 AND cp.bucket = m.bucket AND cp.identity_id = m.identity_id
  WHERE m.workspace_id = $1 AND m.profile_id = me.profile_id AND m.valid_to = 'infinity' AND cp.type = $4
  ORDER BY cp.event_time DESC, cp.contact_key LIMIT 1
) c ON true
"""
_MERGES = """
SELECT merge_id, profile_id, merged_profile_ids, rule, evidence, created_at FROM merges
WHERE workspace_id = $1 AND ($2::uuid IS NULL OR profile_id = $2 OR $2 = ANY(merged_profile_ids))
  AND ($3::uuid IS NULL OR merge_id < $3)
ORDER BY merge_id DESC LIMIT $4
"""
