"""Jobs: what they are doing, and which replica does it. A job that is queued or running has a row in the queue; whoever
holds that row alone writes, and one that is killed loses it after HOLD."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.database import Database, Tx

HOLD = timedelta(seconds=6)


@dataclass(frozen=True, slots=True)
class Job:
    job_id: UUID
    kind: str
    name: str
    state: str
    """waiting (for its owner), queued, running, done, failed or cancelled."""
    progress: float
    counts: Mapping[str, int]
    failure: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """A job in the hands of this replica."""

    job_id: UUID
    workspace_id: UUID
    kind: str
    attempts: int
    """Since it last got on."""
    holder: UUID


class HoldLost(Exception):
    """The job was cancelled, or another replica has it."""


class JobStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, workspace_id: UUID, job_id: UUID) -> Job | None:
        async with self._database.transaction(workspace_id) as tx:
            return await get(tx, job_id)

    async def page(
        self, workspace_id: UUID, kind: str, before: tuple[datetime, UUID] | None, size: int
    ) -> list[Job]:
        """Newest first; an empty kind stands for all."""
        async with self._database.transaction(workspace_id) as tx:
            rows = await tx.fetch(_PAGE, workspace_id, kind, *(before or (None, None)), size)
        return [Job(*row) for row in rows]

    async def claim(self, kinds: Sequence[str], holder: UUID, now: datetime) -> Held | None:
        """The job of these kinds that is due longest, of a workspace none of whose jobs is in work."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_CLAIM, holder, now, now + HOLD, kinds)
        return Held(row["job_id"], row["workspace_id"], row["kind"], row["attempts"], holder) if row else None

    async def keep(self, held: Held, now: datetime) -> None:
        """Holds the job for longer, if it is still held."""
        async with self._database.connection() as connection:
            await connection.execute(_HOLD, held.job_id, held.holder, now + HOLD)

    async def postpone(self, held: Held, until: datetime) -> None:
        """Hands the job back, for whoever comes at that time."""
        async with self._database.connection() as connection:
            await connection.execute(_POSTPONE, held.job_id, held.holder, until)


async def get(tx: Tx, job_id: UUID) -> Job | None:
    row = await tx.fetchrow(_GET, tx.workspace_id, job_id)
    return Job(*row) if row else None


async def add(tx: Tx, job_id: UUID, kind: str, name: str, now: datetime) -> None:
    """A job that waits for its owner."""
    await tx.execute(_ADD, tx.workspace_id, job_id, kind, name, now)


async def lock(tx: Tx, job_id: UUID) -> Job | None:
    """The job, which nobody else changes until the transaction ends."""
    row = await tx.fetchrow(f"{_GET} FOR UPDATE", tx.workspace_id, job_id)
    return Job(*row) if row else None


async def enqueue(tx: Tx, job: Job, now: datetime, *, fresh: bool) -> None:
    """`fresh`: from the beginning, not on from where it ended."""
    await tx.execute(_QUEUED, tx.workspace_id, job.job_id, fresh)
    await tx.execute(_ENQUEUE, job.job_id, tx.workspace_id, job.kind, now)


async def hold(tx: Tx, held: Held, now: datetime) -> None:
    """To be called first in every transaction of the work. Raises HoldLost."""
    if await tx.fetchval(_HOLD, held.job_id, held.holder, now + HOLD) is None:
        raise HoldLost


async def advance(tx: Tx, held: Held, progress: float, counts: Mapping[str, int], now: datetime) -> None:
    await tx.execute(_ADVANCE, tx.workspace_id, held.job_id, progress, dict(counts), now)


async def end(tx: Tx, job_id: UUID, state: str, failure: str, now: datetime) -> None:
    await tx.execute("DELETE FROM job_queue WHERE job_id = $1", job_id)
    await tx.execute(_END, tx.workspace_id, job_id, state, failure, now)


async def remove(tx: Tx, job_id: UUID) -> None:
    await tx.execute("DELETE FROM job_queue WHERE job_id = $1", job_id)
    await tx.execute("DELETE FROM jobs WHERE workspace_id = $1 AND job_id = $2", tx.workspace_id, job_id)


_COLUMNS = "job_id, kind, name, state, progress, counts, failure, created_at, started_at, finished_at"
_GET = f"SELECT {_COLUMNS} FROM jobs WHERE workspace_id = $1 AND job_id = $2"
_PAGE = f"""
SELECT {_COLUMNS} FROM jobs
WHERE workspace_id = $1 AND ($2 = '' OR kind = $2)
  AND ($3::timestamptz IS NULL OR (created_at, job_id) < ($3, $4::uuid))
ORDER BY created_at DESC, job_id DESC LIMIT $5
"""
_ADD = """
INSERT INTO jobs (workspace_id, job_id, kind, name, state, created_at) VALUES ($1, $2, $3, $4, 'waiting', $5)
"""
_QUEUED = """
UPDATE jobs SET state = 'queued', progress = CASE WHEN $3 THEN 0 ELSE progress END,
  counts = CASE WHEN $3 THEN '{}' ELSE counts END, failure = '', started_at = NULL, finished_at = NULL
WHERE workspace_id = $1 AND job_id = $2
"""
_ENQUEUE = """
INSERT INTO job_queue (job_id, workspace_id, kind, due_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (job_id) DO UPDATE SET due_at = excluded.due_at, attempts = 0, holder = NULL, held_until = NULL
"""
_CLAIM = """
UPDATE job_queue SET holder = $1, held_until = $3, attempts = attempts + 1
WHERE job_id = ANY(ARRAY(
  SELECT q.job_id FROM job_queue q
  WHERE q.due_at <= $2 AND q.kind = ANY($4::text[]) AND (q.held_until IS NULL OR q.held_until < $2) AND NOT EXISTS (
    SELECT 1 FROM job_queue o WHERE o.workspace_id = q.workspace_id AND o.held_until >= $2
  )
  ORDER BY q.due_at, q.job_id LIMIT 1 FOR UPDATE SKIP LOCKED
))
RETURNING job_id, workspace_id, kind, attempts
"""
_POSTPONE = "UPDATE job_queue SET due_at = $3, held_until = NULL WHERE job_id = $1 AND holder = $2"
_HOLD = "UPDATE job_queue SET held_until = $3 WHERE job_id = $1 AND holder = $2 RETURNING 1"
_ADVANCE = """
WITH on_ AS (UPDATE job_queue SET attempts = 0 WHERE job_id = $2)
UPDATE jobs SET state = 'running', progress = $3, counts = $4::jsonb, started_at = coalesce(started_at, $5)
WHERE workspace_id = $1 AND job_id = $2
"""
_END = """
UPDATE jobs SET state = $3, failure = $4, finished_at = $5, progress = CASE $3 WHEN 'done' THEN 1 ELSE progress END
WHERE workspace_id = $1 AND job_id = $2
"""
