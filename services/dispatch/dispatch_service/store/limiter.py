"""Rate limits and the next free slot of each account. Slots are told by the database's clock, which all share."""

from dataclasses import dataclass
from datetime import datetime

from chassis.database import Tx

from dispatch_service.domain.messages import Account


@dataclass(frozen=True, slots=True)
class Slots:
    next_slot: datetime
    now: datetime
    """Read after the row was locked."""
    per_second: int


async def lock(tx: Tx, account: Account, *, durable: bool = True) -> Slots | None:
    """Locks the account's row; None when the account was never used.

    A transaction that need not outlive a crash of the database says `durable=False` and commits without waiting
    for the disk: whatever a later one makes durable comes after it, so slots are never handed out twice.
    """
    wait = "on" if durable else "off"
    row = await tx.fetchrow(_LOCK, account.workspace_id, account.channel, account.name, wait)
    return Slots(row["next_slot"], row["now"], row["per_second"]) if row else None


async def keep(tx: Tx, account: Account, next_slot: datetime) -> None:
    await tx.execute(_KEEP, account.workspace_id, account.channel, account.name, next_slot)


async def set_limit(tx: Tx, account: Account, per_second: int, source: str, now: datetime) -> None:
    await tx.execute(_SET_LIMIT, account.workspace_id, account.channel, account.name, now, per_second, source)


_LOCK = """
WITH locked AS MATERIALIZED (
    SELECT next_slot FROM limiter WHERE workspace_id = $1 AND channel = $2 AND account = $3 FOR UPDATE
)
SELECT locked.next_slot, clock_timestamp() AS now, (
    SELECT per_second FROM limits WHERE workspace_id = $1 AND channel = $2 AND account = $3
    ORDER BY updated_at DESC LIMIT 1
) AS per_second, set_config('synchronous_commit', $4, true)
FROM locked
"""
_KEEP = "UPDATE limiter SET next_slot = $4 WHERE workspace_id = $1 AND channel = $2 AND account = $3"
_SET_LIMIT = """
INSERT INTO limits (workspace_id, channel, account, updated_at, per_second, source)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (workspace_id, channel, account, updated_at)
DO UPDATE SET per_second = EXCLUDED.per_second, source = EXCLUDED.source
"""
