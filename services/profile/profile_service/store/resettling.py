"""Whether everybody is who they are under the identity settings in force, and who sees to it."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of


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


async def absolve(tx: Tx, identities: Collection[UUID]) -> None:
    """They are under suspicion no more."""
    ids = list(identities)
    await tx.execute(_ABSOLVE, tx.workspace_id, [bucket_of(i) for i in ids], ids)


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
"""
