"""Which workspaces a loop has something to do for. The tables hold times alone, and are read without a workspace."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.database import Database


async def workspaces_due(
    database: Database,
    table: Literal["retention_walks", "order_searches", "order_revaluations"],
    now: datetime,
) -> list[UUID]:
    """Those with work to do, the longest due first."""
    statement = f"SELECT workspace_id FROM {table} WHERE next_at <= $1 GROUP BY 1 ORDER BY min(next_at)"
    async with database.connection() as connection:
        return [row["workspace_id"] for row in await connection.fetch(statement, now)]
