"""All that is known of many people, a statement for each kind of fact. Every statement looks rows up by their keys."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

MOST_CLAIMS = 100
FOR_EVER = datetime.max.replace(tzinfo=UTC)


async def identities(tx: Tx, profile_ids: Sequence[UUID]) -> list[Any]:
    """Identities that are these people now, with their traits; the oldest number first."""
    return await tx.fetch(_IDENTITIES, tx.workspace_id, profile_ids)


async def identities_at(tx: Tx, profile_id: UUID, at: datetime) -> list[Any]:
    """Identities of the person, those that were the person only for a time if it was then."""
    return await tx.fetch(_IDENTITIES_AT, tx.workspace_id, profile_id, at)


async def identifiers(tx: Tx, identity_ids: Sequence[UUID], until: datetime = FOR_EVER) -> list[Any]:
    return await tx.fetch(_IDENTIFIERS, tx.workspace_id, identity_ids, until)


async def claims(tx: Tx, identity_ids: Sequence[UUID], until: datetime = FOR_EVER) -> list[Any]:
    """Identifiers that were named of them by then and not verified, of each the newest MOST_CLAIMS."""
    buckets = [bucket_of(i) for i in identity_ids]
    return await tx.fetch(_CLAIMS, tx.workspace_id, buckets, identity_ids, until, MOST_CLAIMS)


async def contact_points(tx: Tx, identity_ids: Sequence[UUID], until: datetime = FOR_EVER) -> list[Any]:
    """Newest first; those that had been said by then."""
    buckets = [bucket_of(i) for i in identity_ids]
    return await tx.fetch(_CONTACTS, tx.workspace_id, buckets, identity_ids, until)


async def event_counts(tx: Tx, profile_ids: Sequence[UUID], until: datetime = FOR_EVER) -> dict[UUID, int]:
    """An event counts if it happened while its identity was the person."""
    rows = await tx.fetch(_EVENT_COUNTS, tx.workspace_id, profile_ids, until)
    return {r["profile_id"]: r["events"] for r in rows}


async def statements(tx: Tx, identity_ids: Sequence[UUID], until: datetime) -> list[Any]:
    """What was said of the identities' traits."""
    buckets = [bucket_of(i) for i in identity_ids]
    return await tx.fetch(_STATEMENTS, tx.workspace_id, buckets, identity_ids, until)


_IDENTITIES = """
SELECT m.profile_id, m.profile_no, m.version, i.identity_id, i.identity_no, i.traits, i.trait_times, i.sealed_traits,
       i.created_at, i.updated_at
FROM unnest($2::uuid[]) AS k (profile_id)
JOIN memberships m ON m.workspace_id = $1 AND m.profile_id = k.profile_id AND m.valid_to = 'infinity'
JOIN identities i ON i.workspace_id = $1 AND i.bucket = m.bucket AND i.identity_id = m.identity_id
ORDER BY i.identity_no
"""
_IDENTITIES_AT = """
SELECT m.profile_id, m.profile_no, m.version, i.identity_id, i.identity_no, i.traits, i.trait_times, i.sealed_traits,
       i.created_at, i.updated_at
FROM memberships m
JOIN identities i ON i.workspace_id = $1 AND i.bucket = m.bucket AND i.identity_id = m.identity_id
WHERE m.workspace_id = $1 AND m.profile_id = $2 AND m.valid_from <= $3 AND m.valid_to > $3
ORDER BY i.identity_no
"""
_IDENTIFIERS = """
SELECT type, scope, value_key, sealed_value, identity_id, created_at FROM identifiers
WHERE workspace_id = $1 AND identity_id = ANY($2::uuid[]) AND created_at <= $3
ORDER BY created_at, type, scope, value_key
"""
_CLAIMS = """
SELECT c.* FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id) CROSS JOIN LATERAL (
  SELECT identity_id, type, scope, value, first_time FROM identifier_claims
  WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id AND first_time <= $4
  ORDER BY last_time DESC, type, scope, value LIMIT $5
) c ORDER BY c.first_time, c.type, c.scope, c.value
"""
_CONTACTS = """
SELECT c.identity_id, c.type, c.contact_key, c.sealed_address, c.masked, least(c.event_time, $4) AS event_time
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id)
JOIN contact_points c ON c.workspace_id = $1 AND c.bucket = k.bucket AND c.identity_id = k.identity_id
WHERE coalesce(c.first_time, c.event_time) <= $4
ORDER BY c.event_time DESC, c.contact_key
"""
_EVENT_COUNTS = """
SELECT k.profile_id, sum(e.events)::bigint AS events FROM unnest($2::uuid[]) AS k (profile_id)
JOIN memberships m ON m.workspace_id = $1 AND m.profile_id = k.profile_id
CROSS JOIN LATERAL (
  SELECT count(*) AS events FROM events WHERE workspace_id = $1 AND identity_id = m.identity_id
    AND event_time >= m.valid_from AND event_time < m.valid_to AND event_time <= $3
) e GROUP BY 1
"""
_STATEMENTS = """
SELECT s.identity_id, s.said_at, s.message_id, s.source, s.rank, s.traits, s.sealed_traits
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id)
JOIN trait_statements s ON s.workspace_id = $1 AND s.bucket = k.bucket AND s.identity_id = k.identity_id
WHERE s.said_at <= $4 ORDER BY s.identity_id, s.said_at, s.message_id
"""
