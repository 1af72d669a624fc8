"""The feed of changes (store/changes.py says how it is written)."""

from typing import Any

from chassis.database import Tx


async def horizon(tx: Tx) -> Any:
    """`ends`: transactions from this number on may be under way; `dropped`: the newest row that was forgotten, or 0."""
    return await tx.fetchrow(_HORIZON, tx.workspace_id)


async def page(tx: Tx, after: tuple[int, int], rows: int) -> list[Any]:
    """Rows behind (transaction, change), in order, before the horizon."""
    return await tx.fetch(_PAGE, tx.workspace_id, *after, rows)


_ENDS = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_HORIZON = f"""
SELECT {_ENDS} AS ends, coalesce((SELECT transaction_no FROM changes_dropped WHERE workspace_id = $1), 0) AS dropped
"""
# The horizon is the statement's own: what it sees and where it ends are of one snapshot.
_PAGE = f"""
SELECT transaction_no, change_no, changed_at, items FROM changes
WHERE workspace_id = $1 AND (transaction_no, change_no) > ($2::bigint, $3::bigint)
  AND transaction_no < (SELECT {_ENDS})
ORDER BY transaction_no, change_no LIMIT $4
"""
