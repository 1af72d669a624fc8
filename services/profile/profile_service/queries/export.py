"""People page after page, with a query for all of a page's identities instead of one each."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

NOBODY = UUID(int=0)


async def page(tx: Tx, after: UUID, size: int) -> list[UUID]:
    """People of today by profile id, from behind `after`."""
    return [row["profile_id"] for row in await tx.fetch(_PAGE, tx.workspace_id, after, size)]


async def people_of_today(tx: Tx, profile_ids: Sequence[UUID]) -> list[UUID]:
    """Each of the people behind ids ever given out, once, in the order asked. Unknown ids are left out."""
    rows = await tx.fetch(_TODAY, tx.workspace_id, [bucket_of(p) for p in profile_ids], profile_ids)
    return list(dict.fromkeys(row["profile_id"] for row in rows))


async def identities_of(tx: Tx, profile_ids: Sequence[UUID]) -> list[Any]:
    """Rows like those of `people.identities`, with profile_id."""
    return await tx.fetch(_IDENTITIES, tx.workspace_id, profile_ids)


_PAGE = """
SELECT DISTINCT profile_id FROM memberships
WHERE workspace_id = $1 AND profile_id > $2 AND valid_to = 'infinity' ORDER BY profile_id LIMIT $3
"""
_TODAY = """
SELECT m.profile_id
FROM unnest($2::smallint[], $3::uuid[]) WITH ORDINALITY AS k (bucket, asked, n)
JOIN memberships m ON m.workspace_id = $1 AND m.bucket = k.bucket AND m.identity_id = k.asked
  AND m.valid_to = 'infinity'
ORDER BY k.n
"""
_IDENTITIES = """
SELECT m.profile_id, i.identity_id, i.identity_no, i.traits, i.trait_times, i.sealed_traits, i.created_at,
       i.updated_at, m.profile_no, m.version
FROM memberships m
JOIN identities i ON i.workspace_id = $1 AND i.bucket = m.bucket AND i.identity_id = m.identity_id
WHERE m.workspace_id = $1 AND m.profile_id = ANY($2::uuid[]) AND m.valid_to = 'infinity'
ORDER BY i.identity_no
"""
