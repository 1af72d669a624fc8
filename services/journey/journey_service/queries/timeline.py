"""Entries and steps of one person's runs, under whatever id they were begun."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx

Place = tuple[datetime, UUID, int]
"""(moment, run, sequence) of the last item of a page."""


async def items(
    tx: Tx,
    profile_ids: Sequence[UUID],
    identity_ids: Sequence[UUID],
    since: datetime,
    until: datetime,
    before: Place,
    limit: int,
) -> list[Any]:
    """Newest first, from `since` to before `until`; the entry into a run has the sequence -1."""
    return await tx.fetch(_ITEMS, tx.workspace_id, profile_ids, identity_ids, since, until, *before, limit)


_ITEMS = """
WITH mine AS MATERIALIZED (
  SELECT bucket, run_id, journey_id, entered_at FROM runs
  WHERE workspace_id = $1 AND profile_id = ANY($2::uuid[]) AND identity_id = ANY($3::uuid[]) AND entered_at < $5
)
SELECT s.*, j.name AS journey_name FROM (
  SELECT journey_id, run_id, -1::bigint AS sequence, entered_at AS created_at, '' AS node_id, 'entered' AS outcome,
         '' AS to_node_id
  FROM mine
  WHERE entered_at >= $4 AND entered_at <= $6 AND (entered_at, run_id, -1::bigint) < ($6, $7::uuid, $8::bigint)
  UNION ALL
  SELECT t.* FROM mine CROSS JOIN LATERAL (
    SELECT journey_id, run_id, sequence, created_at, node_id, outcome, to_node_id FROM transitions
    WHERE workspace_id = $1 AND bucket = mine.bucket AND run_id = mine.run_id
      AND created_at >= $4 AND created_at < $5 AND (created_at, run_id, sequence) < ($6, $7, $8)
    ORDER BY sequence DESC LIMIT $9
  ) t
) s LEFT JOIN journeys j ON j.workspace_id = $1 AND j.journey_id = s.journey_id
ORDER BY s.created_at DESC, s.run_id DESC, s.sequence DESC LIMIT $9
"""
