"""People who are not to be profiled: one of their identities withdrew it, and has not granted it again."""

from collections.abc import Collection
from uuid import UUID

from chassis.database import Tx


async def refused(tx: Tx, profile_ids: Collection[UUID] | None = None) -> set[UUID]:
    """Of these people, or of all."""
    rows = await tx.fetch(_REFUSED, tx.workspace_id, None if profile_ids is None else list(profile_ids))
    return {row["profile_id"] for row in rows}


# The table holds nothing but entries that say something about profiling.
_REFUSED = """
SELECT DISTINCT p.profile_id FROM (
  SELECT DISTINCT ON (bucket, identity_id) bucket, identity_id, withdrawn FROM consents
  WHERE workspace_id = $1 AND ($2::uuid[] IS NULL OR (bucket, identity_id) IN (
    SELECT bucket, identity_id FROM people WHERE workspace_id = $1 AND profile_id = ANY($2)
  ))
  ORDER BY bucket, identity_id, consent_id DESC
) c CROSS JOIN LATERAL (
  SELECT profile_id FROM people
  WHERE workspace_id = $1 AND bucket = c.bucket AND identity_id = c.identity_id OFFSET 0
) p
WHERE c.withdrawn
"""
