"""How far each build has come. A system table: it is found without knowing the workspace, and names nobody."""

from datetime import datetime
from uuid import UUID

from chassis.database import Database, Tx
from people import Membership


async def start(tx: Tx, segment_id: str, now: datetime) -> None:
    await tx.execute(_START, tx.workspace_id, segment_id, now)


async def waiting(database: Database) -> list[tuple[UUID, str]]:
    """(workspace, segment), oldest first."""
    async with database.connection() as connection:
        return [(r["workspace_id"], r["segment_id"]) for r in await connection.fetch(_WAITING)]


async def claim(tx: Tx, segment_id: str) -> tuple[int, UUID] | None:
    """The last person evaluated, locked; None when another replica has it in hand or it is finished."""
    row = await tx.fetchrow(_CLAIM, tx.workspace_id, segment_id)
    return None if row is None else (row["bucket"], row["after"])


async def lock_people(tx: Tx, after: tuple[int, UUID], limit: int) -> list[Membership]:
    """The next people by their naming identity, in (bucket, identity) order, locked."""
    rows = await tx.fetch(_LOCK_PEOPLE, tx.workspace_id, *after, limit)
    return [Membership(r["identity_id"], r["profile_id"], r["profile_no"], r["version"]) for r in rows]


async def advance(tx: Tx, segment_id: str, bucket: int, after: UUID) -> None:
    await tx.execute(_ADVANCE, tx.workspace_id, segment_id, bucket, after)


async def finish(tx: Tx, segment_id: str) -> None:
    await tx.execute(_FINISH, tx.workspace_id, segment_id)


_START = "INSERT INTO builds (workspace_id, segment_id, created_at) VALUES ($1, $2, $3)"
_WAITING = "SELECT workspace_id, segment_id FROM builds ORDER BY created_at, segment_id LIMIT 100"
_CLAIM = """
SELECT bucket, after FROM builds WHERE workspace_id = $1 AND segment_id = $2 FOR UPDATE SKIP LOCKED
"""
_LOCK_PEOPLE = """
SELECT identity_id, profile_id, profile_no, version FROM people
WHERE workspace_id = $1 AND (bucket, identity_id) > ($2, $3) AND profile_id = identity_id
ORDER BY bucket, identity_id LIMIT $4 FOR UPDATE
"""
_ADVANCE = "UPDATE builds SET bucket = $3, after = $4 WHERE workspace_id = $1 AND segment_id = $2"
_FINISH = "DELETE FROM builds WHERE workspace_id = $1 AND segment_id = $2"
