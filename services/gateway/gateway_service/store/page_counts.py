"""How often a form was looked at or a code scanned, by day."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

from chassis.database import Database, Tx


class Counted(NamedTuple):
    views: int = 0
    dropped: int = 0

    def plus(self, other: "Counted") -> "Counted":
        return Counted(self.views + other.views, self.dropped + other.dropped)


async def add(database: Database, workspace_id: UUID, counts: Mapping[tuple[UUID, date], Counted]) -> None:
    """Adds to what is stored."""
    # Sorted, so that two replicas that count the same lock it in one order.
    rows = sorted(counts.items())
    async with database.transaction(workspace_id) as tx:
        await tx.execute(
            _ADD,
            workspace_id,
            [object_id for (object_id, _), _ in rows],
            [day for (_, day), _ in rows],
            [counted.views for _, counted in rows],
            [counted.dropped for _, counted in rows],
        )


async def of(tx: Tx, object_id: UUID, since: date) -> tuple[Counted, dict[date, Counted]]:
    """All there are, and by day (UTC) from `since` on."""
    total, days = Counted(), {}
    for day, views, dropped in await tx.fetch(_OF, tx.workspace_id, object_id, since):
        counted = Counted(int(views), int(dropped))
        total = total.plus(counted)
        if day is not None:
            days[day] = counted
    return total, days


_ADD = """
INSERT INTO page_counts AS stored (workspace_id, object_id, day, views, dropped)
SELECT $1::uuid, * FROM unnest($2::uuid[], $3::date[], $4::bigint[], $5::bigint[])
ON CONFLICT (workspace_id, object_id, day) DO UPDATE
SET views = stored.views + excluded.views, dropped = stored.dropped + excluded.dropped
"""
_OF = """
SELECT CASE WHEN day >= $3::date THEN day END AS day, sum(views), sum(dropped) FROM page_counts
WHERE workspace_id = $1 AND object_id = $2 GROUP BY 1 ORDER BY 1
"""
