"""The feed of changes: one row a transaction, which travels with its COMMIT.

A number drawn from a sequence says nothing about the order of commits: a reader that has seen 11 may have missed 10.
So the row also holds its transaction's own number, which PostgreSQL gives in growing order, and the feed ends before
the oldest transaction that is still under way: whatever commits later stands behind it. Rows of one identity are
written under its lock, so their numbers grow with every change of it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from chassis.database import Tx


class Change(NamedTuple):
    identity_id: UUID
    changed: Collection[str]
    """`created`, `identifiers`, `contact_points`, `merged`, `traits.city` …"""
    cause: str
    """What did it: `message:` or `merge:` with its id."""


def record(tx: Tx, changes: Sequence[Change], now: datetime) -> None:
    """Each identity once. Committed with whatever else the transaction does."""
    if not changes:
        return
    items = [(c.identity_id, sorted(c.changed), c.cause) for c in changes]
    # Hexadecimal digits and a time of ours: nothing in it can end the literal.
    tx.riders.append(
        "INSERT INTO changes (workspace_id, changed_at, items) "
        f"VALUES ('{tx.workspace_id}', '{now.isoformat()}', "
        f"convert_from('\\x{msgspec.json.encode(items).hex()}', 'UTF8'))"
    )


async def drop(tx: Tx, before: datetime, limit: int) -> int:
    """Forgets the oldest rows and notes how far; how many they were."""
    return int(await tx.fetchval(_DROP, tx.workspace_id, before, limit))


_DROP = """
WITH old AS (
  SELECT transaction_no, change_no FROM changes
  WHERE workspace_id = $1 AND changed_at < $2 ORDER BY changed_at LIMIT $3
), gone AS (
  DELETE FROM changes c USING old
  WHERE c.workspace_id = $1 AND c.transaction_no = old.transaction_no AND c.change_no = old.change_no
  RETURNING c.transaction_no
), noted AS (
  INSERT INTO changes_dropped (workspace_id, transaction_no)
  SELECT $1, max(transaction_no) FROM gone HAVING count(*) > 0
  ON CONFLICT (workspace_id) DO UPDATE
  SET transaction_no = greatest(changes_dropped.transaction_no, excluded.transaction_no)
)
SELECT count(*) FROM gone
"""
