"""Whether everybody is who they are under the identity settings in force, and who sees to it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

BUCKETS = 256


async def claim(tx: Tx, changed_before: datetime, mine: UUID, lost: UUID) -> int | None:
    """The version of the settings to see to; None when everybody is settled, or somebody is at it. Claims are ids that
    grow with time: one below `lost` is of somebody who died. Settings changed since wait."""
    found: int | None = await tx.fetchval(_CLAIM, tx.workspace_id, changed_before, mine, lost)
    return found


async def renew(tx: Tx, version: int, mine: UUID) -> bool:
    """Whether these are still the settings in force. They are until the transaction ends."""
    return await tx.fetchval(_RENEW, tx.workspace_id, version, mine) is not None


async def finish(tx: Tx, version: int) -> None:
    await tx.execute(_FINISH, tx.workspace_id, version)


async def absolve(tx: Tx, identities: Collection[UUID]) -> set[UUID]:
    """They are under suspicion no more; those that were."""
    ids = list(identities)
    rows = await tx.fetch(_ABSOLVE, tx.workspace_id, [bucket_of(i) for i in ids], ids)
    return {row["identity_id"] for row in rows}


async def more_links_than(tx: Tx, most: int) -> bool:
    return bool(await tx.fetchval(_LINKS, tx.workspace_id, most + 1) > most)


async def suspects(tx: Tx, after: UUID | None, limit: int) -> list[UUID]:
    """Identities under suspicion, by id."""
    return [r["identity_id"] for r in await tx.fetch(_SUSPECTS, tx.workspace_id, after, limit)]


async def linked(tx: Tx, bucket: int, after: UUID | None, limit: int) -> list[UUID]:
    """Strong identities, of every link the lower one, by id."""
    return [r["low_id"] for r in await tx.fetch(_LINKED, tx.workspace_id, bucket, after, limit)]


_CLAIM = """
UPDATE identity_settings SET place = $3
WHERE workspace_id = $1 AND settled_version < version AND updated_at < $2 AND (place IS NULL OR place < $4)
RETURNING version
"""
_RENEW = "UPDATE identity_settings SET place = $3 WHERE workspace_id = $1 AND version = $2 RETURNING version"
_FINISH = """
UPDATE identity_settings SET settled_version = version, place = NULL WHERE workspace_id = $1 AND version = $2
"""
_ABSOLVE = """
DELETE FROM set_aside s USING unnest($2::smallint[], $3::uuid[]) AS k (bucket, id)
WHERE s.workspace_id = $1 AND s.bucket = k.bucket AND s.identity_id = k.id AND s.state = 'suspected'
RETURNING s.identity_id
"""
_LINKS = "SELECT count(*) FROM (SELECT FROM edges WHERE workspace_id = $1 AND NOT weak LIMIT $2) e"
_SUSPECTS = """
SELECT identity_id FROM set_aside
WHERE workspace_id = $1 AND state = 'suspected' AND ($2::uuid IS NULL OR identity_id > $2) ORDER BY identity_id LIMIT $3
"""
_LINKED = """
SELECT DISTINCT low_id FROM edges WHERE workspace_id = $1 AND bucket = $2 AND NOT weak AND ($3::uuid IS NULL OR low_id > $3)
ORDER BY low_id LIMIT $4
"""
