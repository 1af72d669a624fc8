"""Ingestion issues, and records that could not be stored."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from chassis.database import Tx

from profile_service.domain.calls import Issue


async def report_issues(tx: Tx, issues: Iterable[Issue], now: datetime) -> None:
    """Counts issues of one kind, reason, path and event together, with the newest sample."""
    counted: dict[tuple[str, str, str, str], dict[str, Any]] = {}
    for issue in issues:
        key = (issue.kind, issue.reason, issue.path, issue.event_name)
        row = counted.setdefault(
            key, dict(zip(("kind", "reason", "path", "event_name"), key, strict=True)) | {"count": 0}
        )
        row["count"] += 1
        row |= {"message_id": issue.message_id, "detail": issue.detail}
    if counted:
        await tx.execute(_REPORT_ISSUES, tx.workspace_id, [counted[k] for k in sorted(counted)], now)


async def bury(tx: Tx, subject: str, records: Sequence[tuple[bytes, str, str]]) -> None:
    """(sealed record, reason, detail) of calls that nobody can be found for."""
    await tx.executemany(_BURY, [(tx.workspace_id, subject, *record) for record in records])


async def forget_letters(tx: Tx, letter_ids: Sequence[int]) -> int:
    """How many there were."""
    return len(await tx.fetch(_FORGET_LETTERS, tx.workspace_id, letter_ids))


async def expire_letters(tx: Tx, before: datetime) -> None:
    await tx.execute(_EXPIRE_LETTERS, tx.workspace_id, before)


async def dismiss(tx: Tx, kind: str, reason: str, path: str, event_name: str) -> None:
    """Forgets what was counted, and the letters behind it; what happens later is counted anew."""
    await tx.execute(_DISMISS, tx.workspace_id, kind, reason, path, event_name)
    if kind == "dead_letter":
        await tx.execute(_DISMISS_LETTERS, tx.workspace_id, reason)


_REPORT_ISSUES = """
INSERT INTO ingestion_issues (workspace_id, kind, reason, path, event_name, count, first_time, last_time,
                              sample_message_id, detail)
SELECT $1, r.kind, r.reason, r.path, r.event_name, r.count, $3, $3, r.message_id, r.detail
FROM jsonb_to_recordset($2::jsonb) AS r (kind text, reason text, path text, event_name text, count bigint,
     message_id text, detail text)
ON CONFLICT (workspace_id, kind, reason, path, event_name) DO UPDATE SET count = ingestion_issues.count + excluded.count,
  last_time = excluded.last_time, sample_message_id = excluded.sample_message_id, detail = excluded.detail
"""
_BURY = """
INSERT INTO dead_letters (workspace_id, subject, seq, record, reason, detail) VALUES ($1, $2, 0, $3, $4, $5)
"""
_FORGET_LETTERS = "DELETE FROM dead_letters WHERE workspace_id = $1 AND id = ANY($2::bigint[]) RETURNING id"
_EXPIRE_LETTERS = "DELETE FROM dead_letters WHERE workspace_id = $1 AND created_at < $2"
_DISMISS = """
DELETE FROM ingestion_issues WHERE workspace_id = $1 AND kind = $2 AND reason = $3 AND path = $4 AND event_name = $5
"""
_DISMISS_LETTERS = "DELETE FROM dead_letters WHERE workspace_id = $1 AND reason = $2"
