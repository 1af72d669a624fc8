"""What ingestion refused, counted and kept in memory and written once a second: never blocks or fails a request."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import asyncpg
from chassis import logs, metrics
from chassis.clock import Clock
from chassis.crypto import Ciphers
from chassis.errors import DatabaseUnavailable

from gateway_service.ingest.decode import Rejection
from gateway_service.ingest.rejected import RejectedEvent
from gateway_service.store.issues import Issue, IssueStore
from gateway_service.store.rejected import IssueKey, RejectedStore, Sample

EVERY_S = 1.0
EXPIRE_EVERY_S = 600.0
MOST_KEYS = 10_000
"""Distinct issues kept while the database is away; further ones are counted as lost in the log."""
MOST_BYTES = 8 * 1024 * 1024
"""Of refused events kept until the next flush; further ones are counted, and not kept."""
_MOST_NAME_CHARS = 128
_MOST_NAMES = 200
"""Distinct event names per workspace and flush; a caller that sends random names must not fill the table."""

_Key = tuple[UUID, tuple[str, str, str, str]]


class IssueBook:
    def __init__(self, store: IssueStore, rejected: RejectedStore, ciphers: Ciphers, clock: Clock) -> None:
        self._store = store
        self._rejected = rejected
        self._ciphers = ciphers
        self._clock = clock
        self._kept: dict[UUID, dict[tuple[IssueKey, UUID], RejectedEvent]] = {}
        self._room = MOST_BYTES
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

    def keep(self, workspace_id: UUID, path: str, events: Iterable[tuple[Rejection, RejectedEvent]]) -> None:
        """Refused events, to be looked at and sent again; `path` as it was noted."""
        for one, event in events:
            if len(event.event) > self._room:
                return
            self._room -= len(event.event)
            issue = ("rejected", one.reason.value, path, self._name(workspace_id, one.event_name))
            self._kept.setdefault(workspace_id, {})[issue, event.sample_id] = event

    def note_body(self, workspace_id: UUID, at: datetime, reason: str, detail: str, path: str) -> None:
        """A body that was refused as a whole."""
        self._count(workspace_id, Issue("refused_body", reason, path, "", 1, at, at, "", detail))

    async def run(self) -> None:
        expired = 0.0
        while True:
            await asyncio.sleep(EVERY_S)
            metrics.beat("issues")
            await self.flush()
            if asyncio.get_running_loop().time() - expired > EXPIRE_EVERY_S:
                expired = asyncio.get_running_loop().time()
                await self._expire()

    async def flush(self) -> None:
        """Writes what is open; counts that cannot be written stay open, events are given up."""
        await self._flush_counts()
        kept, self._kept, self._room = self._kept, {}, MOST_BYTES
        for workspace_id, events in kept.items():
            cipher = self._ciphers.of(workspace_id)
            samples = [
                Sample(issue, sample_id, event.seal(cipher), event.accepted)
                for (issue, sample_id), event in events.items()
            ]
            try:
                await self._rejected.add(workspace_id, samples)
            except (DatabaseUnavailable, asyncpg.PostgresError) as error:
                self._log.warning("samples_lost", count=len(samples), detail=type(error).__name__)

    async def _expire(self) -> None:
        try:
            await self._rejected.expire(self._clock.now())
        except (DatabaseUnavailable, asyncpg.PostgresError) as error:
            self._log.warning("expiry_waits", detail=type(error).__name__)

    async def _flush_counts(self) -> None:
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
