"""Reads that skip the model: counts per node, lists of runs. Counted from the rows, so they always reconcile."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of


async def node_counts(tx: Tx, journey_id: str) -> dict[str, dict[str, Any]]:
    """Node → waiting, frozen, exited, passed, passed_by, counted from where runs are and how they left."""
    nodes: dict[str, dict[str, Any]] = {}

    def node(node_id: str) -> dict[str, Any]:
        empty = {"waiting": 0, "frozen": 0, "exited": 0, "passed": 0, "passed_by": {}}
        return nodes.setdefault(node_id, empty)

    for row in await tx.fetch(_STANDING, tx.workspace_id, journey_id):
        node(row["node_id"])["waiting" if row["state"] == "active" else "frozen"] += row["count"]
    for row in await tx.fetch(_MOVED, tx.workspace_id, journey_id):
        found = node(row["node_id"])
        if row["outcome"].startswith("exit:"):
            found["exited"] += row["count"]
        else:
            found["passed"] += row["count"]
            found["passed_by"][row["outcome"]] = row["count"]
    return nodes


async def arrivals(tx: Tx, journey_id: str, starts: Mapping[int, str]) -> Counter[str]:
    """Node → runs that ever came there, counted from where they came from; `starts`: version → its first node."""
    found: Counter[str] = Counter()
    for row in await tx.fetch(_STARTED, tx.workspace_id, journey_id):
        found[starts[row["version"]]] += row["count"]
    for row in await tx.fetch(_ARRIVED, tx.workspace_id, journey_id):
        found[row["to_node_id"]] += row["count"]
    return found


async def run_counts(tx: Tx, journey_id: str) -> list[Any]:
    return await tx.fetch(_RUNS_BY_STATE, tx.workspace_id, journey_id)


async def refused(tx: Tx, journey_id: str) -> dict[str, int]:
    rows = await tx.fetch(_REFUSED, tx.workspace_id, journey_id)
    return {r["reason"]: r["count"] for r in rows}


async def intentions(tx: Tx, journey_id: str) -> int:
    return int(await tx.fetchval(_INTENTIONS, tx.workspace_id, journey_id))


async def runs(
    tx: Tx, journey_id: str | None, profile_id: UUID | None, before: UUID | None, limit: int
) -> list[Any]:
    """By id, which begins with the time when the event that started the run was accepted: newest first."""
    return await tx.fetch(_RUNS, tx.workspace_id, journey_id, profile_id, before, limit)


async def transitions(tx: Tx, run_id: UUID) -> list[Any]:
    return await tx.fetch(_TRANSITIONS, tx.workspace_id, bucket_of(run_id), run_id)


async def last_transitions(tx: Tx, run_ids: list[UUID]) -> dict[UUID, Any]:
    """How each came to the node at which it is: not that it asked for its message again there."""
    rows = await tx.fetch(_LAST, tx.workspace_id, [bucket_of(i) for i in run_ids], run_ids)
    return {r["run_id"]: r for r in rows}


_STANDING = """
SELECT node_id, state, count(*) FROM runs WHERE workspace_id = $1 AND journey_id = $2 AND state <> 'exited' GROUP BY 1, 2
"""
_MOVED = """
SELECT node_id, outcome, count(*) FROM transitions WHERE workspace_id = $1 AND journey_id = $2 GROUP BY 1, 2
"""
_STARTED = "SELECT version, count(*) FROM runs WHERE workspace_id = $1 AND journey_id = $2 GROUP BY 1"
_ARRIVED = """
SELECT to_node_id, count(*) FROM transitions WHERE workspace_id = $1 AND journey_id = $2 AND to_node_id <> '' GROUP BY 1
"""
_RUNS_BY_STATE = """
SELECT state, exit_reason, count(*) FROM runs WHERE workspace_id = $1 AND journey_id = $2 GROUP BY 1, 2
"""
_REFUSED = "SELECT reason, count FROM entry_refusals WHERE workspace_id = $1 AND journey_id = $2"
_INTENTIONS = "SELECT count(*) FROM intentions WHERE workspace_id = $1 AND journey_id = $2"
_RUNS = """
SELECT * FROM runs
WHERE workspace_id = $1 AND ($2::text IS NULL OR journey_id = $2) AND ($3::uuid IS NULL OR profile_id = $3)
  AND ($4::uuid IS NULL OR run_id < $4)
ORDER BY run_id DESC LIMIT $5
"""
_TRANSITIONS = """
SELECT sequence, node_id, outcome, to_node_id, created_at, inputs FROM transitions
WHERE workspace_id = $1 AND bucket = $2 AND run_id = $3 ORDER BY sequence
"""
_LAST = """
SELECT DISTINCT ON (t.run_id) t.run_id, t.journey_id, t.sequence, t.node_id, t.outcome, t.to_node_id, t.created_at,
       t.inputs
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, run_id)
JOIN transitions t ON t.workspace_id = $1 AND t.bucket = k.bucket AND t.run_id = k.run_id AND t.node_id <> t.to_node_id
ORDER BY t.run_id, t.sequence DESC
"""
