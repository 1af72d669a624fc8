"""What ingestion refused, counted in memory and written once a second: never blocks or fails a request."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import asyncpg
from chassis import logs, metrics
from chassis.errors import DatabaseUnavailable

from gateway_service.ingest.decode import Rejection
from gateway_service.store.issues import Issue, IssueStore

EVERY_S = 1.0
MOST_KEYS = 10_000
"""Distinct issues kept while the database is away; further ones are counted as lost in the log."""
_MOST_NAME_CHARS = 128
_MOST_NAMES = 200
"""Distinct event names per workspace and flush; a caller that sends random names must not fill the table."""

_Key = tuple[UUID, tuple[str, str, str, str]]


class IssueBook:
    def __init__(self, store: IssueStore) -> None:
        self._store = store
        self._open: dict[_Key, Issue] = {}
        self._names: dict[UUID, set[str]] = {}
        self._lost = 0
        self._log = logs.get()

    def note(self, workspace_id: UUID, at: datetime, rejected: Sequence[Rejection], path: str) -> None:
        """`path` is the call they came by, for example /v1/batch."""
        for one in rejected:
            name = self._name(workspace_id, one.event_name)
            sample = _storable(one.message_id)
            issue = Issue("rejected", one.reason.value, path, name, 1, at, at, sample, one.detail)
            self._count(workspace_id, issue)

    def note_body(self, workspace_id: UUID, at: datetime, reason: str, detail: str, path: str) -> None:
        """A body that was refused as a whole."""
        self._count(workspace_id, Issue("refused_body", reason, path, "", 1, at, at, "", detail))

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            metrics.beat("issues")
            await self.flush()

    async def flush(self) -> None:
        """Writes what is open; what cannot be written stays open."""
        issues, self._open, self._names = self._open, {}, {}
        by_workspace: dict[UUID, list[Issue]] = {}
        for (workspace_id, _), issue in issues.items():
            by_workspace.setdefault(workspace_id, []).append(issue)
        for workspace_id, listed in by_workspace.items():
            try:
                await self._store.add(workspace_id, listed)
            except (DatabaseUnavailable, asyncpg.PostgresError) as error:
                self._log.warning("issues_wait", detail=type(error).__name__)
                for issue in listed:
                    self._count(workspace_id, issue)
        if self._lost:
            self._log.error("issues_lost", count=self._lost)
            self._lost = 0

    def _count(self, workspace_id: UUID, issue: Issue) -> None:
        key = (workspace_id, issue.key)
        known = self._open.get(key)
        if known is None:
            if len(self._open) >= MOST_KEYS:
                self._lost += issue.count
                return
            self._open[key] = issue
            return
        newest = issue if issue.last_at >= known.last_at else known
        self._open[key] = replace(
            newest, count=known.count + issue.count, first_at=min(known.first_at, issue.first_at)
        )

    def _name(self, workspace_id: UUID, name: str) -> str:
        names = self._names.setdefault(workspace_id, set())
        name = _storable(name)
        if name in names or len(names) < _MOST_NAMES:
            names.add(name)
            return name
        return "…"


def _storable(text: str) -> str:
    """PostgreSQL's text holds neither U+0000 nor half a surrogate pair."""
    return (
        text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()[:_MOST_NAME_CHARS]
    )
