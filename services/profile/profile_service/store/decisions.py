"""Decisions by hand: the ledger, and what of it is in force."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from chassis.clock import from_ms
from chassis.database import Tx, columns
from chassis.ids import bucket_of

from profile_service.domain.ownership import GIVEN_AT
from profile_service.domain.partition import Edge


class Decision(NamedTuple):
    decision_id: UUID
    kind: str
    """always_link, never_link, blocked, released or undo."""
    left: tuple[UUID, ...]
    right: tuple[UUID, ...]
    undoes: UUID | None
    reason: str
    actor: str
    at: datetime


async def record(tx: Tx, decision: Decision) -> None:
    d = decision
    await tx.execute(
        _RECORD, tx.workspace_id, d.decision_id, d.kind, d.left, d.right, d.undoes, d.reason, d.actor, d.at
    )


async def hold(tx: Tx, decision_id: UUID) -> tuple[Decision, bool] | None:
    """As `get`; nobody else undoes it until the transaction ends."""
    await tx.execute(_HOLD, tx.workspace_id, decision_id)
    return await get(tx, decision_id)


async def get(tx: Tx, decision_id: UUID) -> tuple[Decision, bool] | None:
    """The decision, and whether it was undone."""
    row = await tx.fetchrow(_GET, tx.workspace_id, decision_id)
    return (decision_of(row), row["undone"]) if row else None


async def page(tx: Tx, before: UUID | None, limit: int) -> Sequence[Any]:
    """Newest first."""
    return await tx.fetch(_PAGE, tx.workspace_id, before, limit)


def decision_of(row: Any) -> Decision:
    return Decision(
        row["decision_id"],
        row["kind"],
        tuple(row["left_ids"]),
        tuple(row["right_ids"]),
        row["undoes"],
        row["reason"],
        row["decided_by"],
        row["decided_at"],
    )


async def keep_apart(tx: Tx, rule_id: UUID, left: Collection[UUID], right: Collection[UUID]) -> None:
    rows = [(bucket_of(i), i, side) for side, some in ((True, left), (False, right)) for i in some]
    await tx.execute(_KEEP_APART, tx.workspace_id, rule_id, *columns(rows, 3))


async def never_links_between(tx: Tx, left: Collection[UUID], right: Collection[UUID]) -> list[UUID]:
    rows = await tx.fetch(_BETWEEN, tx.workspace_id, list(left), list(right))
    return [r["rule_id"] for r in rows]


async def link(tx: Tx, edge: Edge, decision: Decision, *, weak: bool) -> None:
    await tx.execute(
        _LINK,
        tx.workspace_id,
        bucket_of(edge.low),
        edge.low,
        edge.high,
        weak,
        decision.decision_id,
        decision.at,
    )


async def give(tx: Tx, weak: UUID, owner: UUID, decision: Decision) -> None:
    """The weak identifier is the owner's from birth."""
    await tx.execute(
        _GIVE, tx.workspace_id, bucket_of(weak), weak, from_ms(GIVEN_AT), owner, decision.decision_id
    )


async def set_state(tx: Tx, decision: Decision, identity: UUID) -> None:
    d = decision
    await tx.execute(
        _SET_STATE, tx.workspace_id, bucket_of(identity), identity, d.kind, d.at, d.reason, d.decision_id
    )


async def in_force(tx: Tx, identity: UUID) -> UUID | None:
    """The decision by which the identifier is blocked or released."""
    found: UUID | None = await tx.fetchval(_IN_FORCE, tx.workspace_id, bucket_of(identity), identity)
    return found


async def forget(tx: Tx, decision_id: UUID) -> None:
    """What of it is in force is no more."""
    for statement in _FORGET:
        await tx.execute(statement, tx.workspace_id, decision_id)


_RECORD = """
INSERT INTO identity_decisions (workspace_id, decision_id, kind, left_ids, right_ids, undoes, reason, decided_by, decided_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_DECISION = """
SELECT d.*, EXISTS (SELECT FROM identity_decisions u WHERE u.workspace_id = $1 AND u.undoes = d.decision_id) AS undone
FROM identity_decisions d WHERE d.workspace_id = $1
"""
_GET = f"{_DECISION} AND d.decision_id = $2"
# By itself: who waits for it must see, in the next statement, what it waited for.
_HOLD = "SELECT FROM identity_decisions WHERE workspace_id = $1 AND decision_id = $2 FOR UPDATE"
_PAGE = f"{_DECISION} AND ($2::uuid IS NULL OR d.decision_id < $2) ORDER BY d.decision_id DESC LIMIT $3"
_KEEP_APART = """
INSERT INTO never_links (workspace_id, bucket, identity_id, rule_id, is_left)
SELECT $1, b, i, $2, l FROM unnest($3::smallint[], $4::uuid[], $5::boolean[]) AS k (b, i, l)
"""
_BETWEEN = """
SELECT DISTINCT l.rule_id FROM never_links l JOIN never_links r
  ON r.workspace_id = $1 AND r.rule_id = l.rule_id AND r.is_left <> l.is_left AND r.identity_id = ANY($3::uuid[])
WHERE l.workspace_id = $1 AND l.identity_id = ANY($2::uuid[])
"""
_LINK = """
INSERT INTO edges (workspace_id, bucket, low_id, high_id, event_time, message_id, weak, rule_id, ruled_at)
VALUES ($1, $2, $3, $4, 'infinity', '', $5, $6, $7)
ON CONFLICT (workspace_id, bucket, low_id, high_id) DO UPDATE SET rule_id = excluded.rule_id, ruled_at = excluded.ruled_at
"""
_GIVE = """
INSERT INTO logins (workspace_id, bucket, identity_id, at, owner_id, rule_id) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
"""
_SET_STATE = """
INSERT INTO set_aside (workspace_id, bucket, identity_id, state, since, reason, rule_id, decided_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $5)
ON CONFLICT (workspace_id, bucket, identity_id) DO UPDATE SET state = excluded.state, reason = excluded.reason,
  rule_id = excluded.rule_id, decided_at = excluded.decided_at
"""
_IN_FORCE = "SELECT rule_id FROM set_aside WHERE workspace_id = $1 AND bucket = $2 AND identity_id = $3"
_FORGET = (
    "DELETE FROM never_links WHERE workspace_id = $1 AND rule_id = $2",
    "DELETE FROM edges WHERE workspace_id = $1 AND rule_id = $2 AND event_time = 'infinity'",
    "UPDATE edges SET rule_id = NULL, ruled_at = NULL WHERE workspace_id = $1 AND rule_id = $2",
    "DELETE FROM logins WHERE workspace_id = $1 AND rule_id = $2",
    "DELETE FROM set_aside WHERE workspace_id = $1 AND rule_id = $2",
)
