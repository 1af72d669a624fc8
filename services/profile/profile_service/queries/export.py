"""People page after page, with a query for all of a page's identities instead of one each."""

from collections.abc import Sequence
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
