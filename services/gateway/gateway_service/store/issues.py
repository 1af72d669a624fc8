"""What ingestion refused, counted per (kind, reason, path, event) with the newest sample."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Database


@dataclass(frozen=True, slots=True)
class Issue:
    kind: str
    reason: str
    path: str
    event_name: str
    count: int
    first_at: datetime
    last_at: datetime
    sample_message_id: str
    detail: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        return (self.kind, self.reason, self.path, self.event_name)


class IssueStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, workspace_id: UUID, issues: Sequence[Issue]) -> None:
        """Adds the counts to what is stored. Keys of `issues` are distinct."""
        # Sorted, so that two replicas that add the same keys lock them in one order.
        rows = sorted(issues, key=lambda issue: issue.key)
        async with self._database.transaction(workspace_id) as tx:
            await tx.execute(
                _ADD,
                workspace_id,
                [i.kind for i in rows],
                [i.reason for i in rows],
                [i.path for i in rows],
                [i.event_name for i in rows],
                [i.count for i in rows],
                [i.first_at for i in rows],
                [i.last_at for i in rows],
                [i.sample_message_id for i in rows],
                [i.detail for i in rows],
            )

    async def page(self, workspace_id: UUID, size: int, after: Issue | None) -> list[Issue]:
        """Newest first, from behind `after`'s place."""
        place = (after.last_at, *after.key) if after else (None, "", "", "", "")
        async with self._database.transaction(workspace_id) as tx:
            rows = await tx.fetch(_PAGE, workspace_id, *place, size)
        return [Issue(*row) for row in rows]


_ADD = """
INSERT INTO ingestion_issues AS stored
    (workspace_id, kind, reason, path, event_name, count, first_at, last_at, sample_message_id, detail)
SELECT $1::uuid, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::timestamptz[],
                               $8::timestamptz[], $9::text[], $10::text[])
ON CONFLICT (workspace_id, kind, reason, path, event_name) DO UPDATE SET
    count = stored.count + excluded.count,
    first_at = least(stored.first_at, excluded.first_at),
    last_at = greatest(stored.last_at, excluded.last_at),
    sample_message_id = excluded.sample_message_id,
    detail = excluded.detail
"""
_PAGE = """
SELECT kind, reason, path, event_name, count, first_at, last_at, sample_message_id, detail
FROM ingestion_issues
WHERE workspace_id = $1
  AND ($2::timestamptz IS NULL OR (last_at, kind, reason, path, event_name) < ($2, $3, $4, $5, $6))
ORDER BY last_at DESC, kind DESC, reason DESC, path DESC, event_name DESC
LIMIT $7
"""
