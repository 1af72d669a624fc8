"""Events that were refused, sealed, by the issue that they are samples of. The newest stay, for a week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from chassis.database import Database

MOST_PER_ISSUE = 1_000
KEPT = timedelta(days=7)

IssueKey: TypeAlias = tuple[str, str, str, str]
"""(kind, reason, path, event name)."""


@dataclass(frozen=True, slots=True)
class Sample:
    issue: IssueKey
    sample_id: UUID
    sealed: bytes
    at: datetime


class RejectedStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, workspace_id: UUID, samples: Sequence[Sample]) -> None:
        """Sample ids are distinct; one that is stored already counts as new again."""
        rows = sorted(samples, key=lambda s: (s.issue, s.sample_id))
        issues = sorted({s.issue for s in rows})
        async with self._database.transaction(workspace_id) as tx:
            await tx.execute(
                _ADD,
                workspace_id,
                *([s.issue[n] for s in rows] for n in range(4)),
                [s.sample_id for s in rows],
                [s.sealed for s in rows],
                [s.at for s in rows],
            )
            await tx.execute(_TRIM, workspace_id, *([i[n] for i in issues] for n in range(4)), MOST_PER_ISSUE)

    async def page(
        self, workspace_id: UUID, issue: IssueKey, before: tuple[datetime, UUID] | None, size: int
    ) -> list[Sample]:
        """Newest first."""
        async with self._database.transaction(workspace_id) as tx:
            rows = await tx.fetch(_PAGE, workspace_id, *issue, *(before or (None, None)), size)
        return [Sample(issue, *row) for row in rows]

    async def forget(self, workspace_id: UUID, issue: IssueKey, sample_ids: Sequence[UUID]) -> None:
        async with self._database.transaction(workspace_id) as tx:
            await tx.execute(_FORGET, workspace_id, *issue, sample_ids)

    async def dismiss(self, workspace_id: UUID, issue: IssueKey) -> None:
        """Forgets the issue's count and samples; what happens later is counted anew."""
        async with self._database.transaction(workspace_id) as tx:
            await tx.execute(_DISMISS, workspace_id, *issue)
            await tx.execute(_DISMISS_SAMPLES, workspace_id, *issue)

    async def expire(self, now: datetime) -> None:
        """Deletes what is older than a week, workspace by workspace: a row is seen by its own alone."""
        async with self._database.connection() as connection:
            rows = await connection.fetch("SELECT workspace_id FROM workspaces")
        for (workspace_id,) in rows:
            async with self._database.transaction(workspace_id) as tx:
                await tx.execute(_EXPIRE, workspace_id, now - KEPT)


_ISSUE = "workspace_id = $1 AND kind = $2 AND reason = $3 AND path = $4 AND event_name = $5"
_ADD = """
INSERT INTO rejected_events AS stored (workspace_id, kind, reason, path, event_name, sample_id, sealed, at)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::bytea[], $8::timestamptz[])
ON CONFLICT (workspace_id, kind, reason, path, event_name, sample_id) DO UPDATE
SET sealed = excluded.sealed, at = excluded.at WHERE stored.at < excluded.at
"""
_TRIM = """
DELETE FROM rejected_events e
USING unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS i (kind, reason, path, event_name) CROSS JOIN LATERAL (
  SELECT at, sample_id FROM rejected_events
  WHERE workspace_id = $1 AND kind = i.kind AND reason = i.reason AND path = i.path AND event_name = i.event_name
  ORDER BY at DESC, sample_id DESC OFFSET $6 LIMIT 1
) last
WHERE e.workspace_id = $1 AND e.kind = i.kind AND e.reason = i.reason AND e.path = i.path
  AND e.event_name = i.event_name AND (e.at, e.sample_id) <= (last.at, last.sample_id)
"""
_PAGE = f"""
SELECT sample_id, sealed, at FROM rejected_events
WHERE {_ISSUE} AND ($6::timestamptz IS NULL OR (at, sample_id) < ($6, $7::uuid))
ORDER BY at DESC, sample_id DESC LIMIT $8
"""
_FORGET = f"DELETE FROM rejected_events WHERE {_ISSUE} AND sample_id = ANY($6::uuid[])"
_DISMISS = f"DELETE FROM ingestion_issues WHERE {_ISSUE}"
_DISMISS_SAMPLES = f"DELETE FROM rejected_events WHERE {_ISSUE}"
_EXPIRE = "DELETE FROM rejected_events WHERE workspace_id = $1 AND at < $2"
