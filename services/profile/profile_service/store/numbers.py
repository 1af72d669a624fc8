"""Numbers of identities: drawn in blocks outside the batch's transaction, so that no batch waits for another's.

A crash loses the rest of a block: gaps are allowed, a number given twice is not.
"""

from collections import deque
from uuid import UUID

from chassis.database import Database

BLOCK = 1000


class Numbers:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._free: dict[UUID, deque[int]] = {}

    async def ensure(self, workspace_id: UUID, count: int) -> None:
        """Makes at least `count` numbers available to `take`."""
        free = self._free.setdefault(workspace_id, deque())
        missing = count - len(free)
        if missing <= 0:
            return
        size = max(BLOCK, missing)
        async with self._database.connection() as connection:
            end = await connection.fetchval(_DRAW, workspace_id, size)
        free.extend(range(end - size, end))

    def take(self, workspace_id: UUID) -> int:
        return self._free[workspace_id].popleft()


async def workspaces(database: Database) -> list[UUID]:
    """Those that ever had a person."""
    async with database.connection() as connection:
        return [
            row["workspace_id"] for row in await connection.fetch("SELECT workspace_id FROM number_blocks")
        ]


_DRAW = """
INSERT INTO number_blocks (workspace_id, next_no) VALUES ($1, 1 + $2::bigint)
ON CONFLICT (workspace_id) DO UPDATE SET next_no = number_blocks.next_no + $2::bigint
RETURNING next_no
"""
