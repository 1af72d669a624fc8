"""What ingestion could not take as it came, and the records that it could not store at all."""

from collections.abc import Sequence
from typing import Any

from chassis.database import Tx


async def issues(tx: Tx, after: Sequence[Any] | None, limit: int) -> list[Any]:
    """Newest first; `after` is the last row's (last_time, kind, reason, path, event_name). Dead letters make an issue
    a reason, with what is kept of them."""
    position = after or [None] * 5
    return await tx.fetch(_ISSUES, tx.workspace_id, *position, limit)


async def dead_letters(tx: Tx, reason: str, before: int | None, limit: int) -> list[Any]:
    """Newest first, from behind the id `before`; records sealed."""
    return await tx.fetch(_DEAD_LETTERS, tx.workspace_id, reason, before, limit)


_ISSUES = """
SELECT * FROM (
  SELECT kind, reason, path, event_name, count, first_time, last_time, sample_message_id, detail FROM ingestion_issues
  WHERE workspace_id = $1 AND kind <> 'dead_letter'
  UNION ALL
  SELECT 'dead_letter', reason, '', '', count(*), min(created_at), max(created_at), '', max(detail) FROM dead_letters
  WHERE workspace_id = $1 AND subject ^@ 'INGEST.' GROUP BY reason
) i
WHERE $2::text IS NULL OR (last_time, kind, reason, path, event_name) < ($2::timestamptz, $3::text, $4, $5, $6)
ORDER BY last_time DESC, kind DESC, reason DESC, path DESC, event_name DESC LIMIT $7
"""
_DEAD_LETTERS = """
SELECT id, reason, detail, record, created_at FROM dead_letters
WHERE workspace_id = $1 AND subject ^@ 'INGEST.' AND reason = $2 AND ($3::bigint IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4
"""
