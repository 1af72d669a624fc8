"""Snapshots and scores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

from scoring_service.domain.groups import BY_CODE
from scoring_service.domain.model import Model
from scoring_service.domain.rfm import Scores

_PAGE = 5_000
"""Scores written by one statement."""


@dataclass(frozen=True, slots=True)
class Score:
    profile_id: UUID
    recency: int
    frequency: int
    monetary: int
    group: str
    as_of: datetime


async def replace(
    tx: Tx, model: Model, as_of: datetime, people: Sequence[UUID], scores: Scores, summary: Mapping[str, Any]
) -> None:
    """Writes the snapshot as if there had never been one as of that moment."""
    # Two computations of one model at a time would delete and insert across each other.
    await tx.execute(_LOCK, f"{tx.workspace_id}/{model.name}")
    await tx.execute(_CLEAR, tx.workspace_id, model.name, as_of)
    for start in range(0, len(scores.customers), _PAGE):
        part = slice(start, start + _PAGE)
        profiles = [people[i] for i in scores.customers[part].tolist()]
        await tx.execute(
            _INSERT,
            tx.workspace_id,
            model.name,
            as_of,
            [bucket_of(p) for p in profiles],
            profiles,
            scores.recency.scores[part].tolist(),
            scores.frequency.scores[part].tolist(),
            scores.monetary.scores[part].tolist(),
            [BY_CODE[code].key for code in scores.group[part].tolist()],
        )
    await tx.execute(_SAVE_SNAPSHOT, tx.workspace_id, model.name, as_of, model.window_days, dict(summary))


async def snapshot(tx: Tx, model: str, as_of: datetime | None) -> dict[str, Any] | None:
    """The summary as of the moment, or the newest."""
    if as_of is None:
        return await tx.fetchval(_NEWEST, tx.workspace_id, model)  # type: ignore[no-any-return]
    return await tx.fetchval(_AS_OF, tx.workspace_id, model, as_of)  # type: ignore[no-any-return]


async def newest_score(tx: Tx, model: str, profile_id: UUID) -> Score | None:
    """The person's score in the newest snapshot."""
    row = await tx.fetchrow(_SCORE, tx.workspace_id, model, bucket_of(profile_id), profile_id)
    return None if row is None else Score(*row)


_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
_CLEAR = "DELETE FROM rfm_scores WHERE workspace_id = $1 AND model = $2 AND as_of = $3"
_INSERT = """
INSERT INTO rfm_scores (workspace_id, model, as_of, bucket, profile_id, r, f, m, "group")
SELECT $1, $2, $3, * FROM unnest($4::smallint[], $5::uuid[], $6::smallint[], $7::smallint[], $8::smallint[], $9::text[])
ON CONFLICT DO NOTHING
"""
_SAVE_SNAPSHOT = """
INSERT INTO rfm_snapshots (workspace_id, model, as_of, window_days, summary) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (workspace_id, model, as_of) DO UPDATE
SET window_days = excluded.window_days, summary = excluded.summary
"""
_NEWEST = """
SELECT summary FROM rfm_snapshots WHERE workspace_id = $1 AND model = $2 ORDER BY as_of DESC LIMIT 1
"""
_AS_OF = "SELECT summary FROM rfm_snapshots WHERE workspace_id = $1 AND model = $2 AND as_of = $3"
_SCORE = """
SELECT profile_id, r, f, m, "group", as_of FROM rfm_scores
WHERE workspace_id = $1 AND bucket = $3 AND profile_id = $4 AND model = $2 AND as_of = (
  SELECT max(as_of) FROM rfm_snapshots WHERE workspace_id = $1 AND model = $2
)
"""
