"""Runs, transitions, timers. A caller holds the locks of the people concerned (people.settle) before it writes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from chassis.database import Tx, columns
from chassis.ids import bucket_of
from people import Moved

from journey_service.domain.plan import Issued, Steps, Transition
from journey_service.domain.run import Moment, Run


async def load(tx: Tx, run_ids: Iterable[UUID]) -> dict[UUID, Run]:
    ids = list(set(run_ids))
    rows = await tx.fetch(_LOAD, tx.workspace_id, [bucket_of(i) for i in ids], ids)
    return {r["run_id"]: read_run(r) for r in rows}


async def active_of(tx: Tx, profile_ids: Iterable[UUID]) -> dict[UUID, list[Run]]:
    """Unfinished runs of each person."""
    rows = await tx.fetch(_ACTIVE, tx.workspace_id, list(set(profile_ids)))
    found: dict[UUID, list[Run]] = {}
    for row in rows:
        found.setdefault(row["profile_id"], []).append(read_run(row))
    return found


async def history(
    tx: Tx, wanted: Iterable[tuple[str, UUID, str]]
) -> dict[tuple[str, UUID, str], datetime | None]:
    """(journey, person, entry key) that was entered before → when its newest run ended."""
    keys = list(set(wanted))
    rows = await tx.fetch(_HISTORY, tx.workspace_id, *columns(keys, 3))
    return {(r["journey_id"], r["profile_id"], r["entry_key"]): r["last_exit"] for r in rows}


async def add_active(tx: Tx, runs: Iterable[Run]) -> None:
    rows = sorted((bucket_of(r.profile_id), r.journey_id, r.profile_id, r.entry_key, r.run_id) for r in runs)
    if rows:
        await tx.execute(_ADD_ACTIVE, tx.workspace_id, *columns(rows, 5))


async def remove_active(tx: Tx, run_ids: Iterable[UUID], profile_ids: Iterable[UUID]) -> None:
    await tx.execute(_REMOVE_ACTIVE, tx.workspace_id, list(run_ids), list(set(profile_ids)))


async def apply(tx: Tx, new: Sequence[Run], steps: Sequence[Steps], now: datetime) -> set[UUID]:
    """Writes what was planned, in one trip: `new` runs, as they are after their first steps, and everything that
    `steps` say of new and known runs. Returns the new runs that did not exist yet: the same trigger never starts a
    journey twice, and what was planned for a run that existed is left out.

    Compare-and-set on (run, sequence): a known run that moved meanwhile raises, and the whole batch is planned again.
    """
    ids = {r.run_id for r in new}
    changed = [s for s in steps if s.changed and s.before.run_id not in ids]
    written = await tx.fetchrow(
        _APPLY,
        tx.workspace_id,
        [_as_json(r) | {"profile_bucket": bucket_of(r.profile_id)} for r in new],
        [_as_json(s.after) | {"was": s.before.sequence} for s in changed],
        [_transition_as_json(t) for s in steps for t in s.transitions],
        [_issued_as_json(i) for s in steps for i in s.issued],
        now,
    )
    if written["updated"] != len(changed):
        # Retryable: as a planner's exception it would bury the records of a batch that is only late.
        raise asyncpg.SerializationError("a run moved while its person was locked")
    return set(written["started"])


async def refuse_entries(tx: Tx, refused: Mapping[tuple[str, str], int]) -> None:
    """(journey, reason) → how many."""
    rows = [(*key, refused[key]) for key in sorted(refused)]
    if rows:
        await tx.execute(_REFUSE, tx.workspace_id, *columns(rows, 3))


async def move_people(tx: Tx, moved: Sequence[Moved]) -> None:
    """Every run, also a finished one, belongs to whom its identity belongs to."""
    await tx.execute(
        _MOVE,
        tx.workspace_id,
        [m.identity_id for m in moved],
        [m.from_profile_id for m in moved],
        [m.to.profile_id for m in moved],
    )


def read_run(row: Any) -> Run:
    return Run(
        run_id=row["run_id"],
        journey_id=row["journey_id"],
        version=row["version"],
        profile_id=row["profile_id"],
        identity_id=row["identity_id"],
        entry_key=row["entry_key"],
        trigger_id=row["trigger_id"],
        state=row["state"],
        node_id=row["node_id"],
        sequence=row["sequence"],
        opened=Moment(row["opened_at"], row["opener_id"]),
        memory=row["memory"],
        entry=row["entry"],
        entered_at=row["entered_at"],
        historical=row["historical"],
        traceparent=row["traceparent"],
        org_unit_id=row["org_unit_id"],
        wake_at=row["wake_at"],
        exited_at=row["exited_at"],
        exit_reason=row["exit_reason"],
        frozen_by=row["frozen_by"],
    )


def _as_json(run: Run) -> dict[str, Any]:
    return {
        "bucket": bucket_of(run.run_id),
        "run_id": str(run.run_id),
        "journey_id": run.journey_id,
        "version": run.version,
        "profile_id": str(run.profile_id),
        "identity_id": str(run.identity_id),
        "entry_key": run.entry_key,
        "trigger_id": run.trigger_id,
        "state": run.state,
        "node_id": run.node_id,
        "sequence": run.sequence,
        "opened_at": run.opened.at,
        "opener_id": run.opened.id,
        "memory": run.memory,
        "entry": run.entry,
        "wake_at": run.wake_at,
        "entered_at": run.entered_at,
        "exited_at": run.exited_at,
        "exit_reason": run.exit_reason,
        "historical": run.historical,
        "traceparent": run.traceparent,
        "org_unit_id": run.org_unit_id,
        "frozen_by": run.frozen_by and str(run.frozen_by),
    }


def _transition_as_json(made: Transition) -> dict[str, Any]:
    return {
        "bucket": bucket_of(made.run_id),
        "run_id": str(made.run_id),
        "sequence": made.sequence,
        "journey_id": made.journey_id,
        "node_id": made.node_id,
        "outcome": made.outcome,
        "to_node_id": made.to_node_id,
        "inputs": made.inputs,
    }


def _issued_as_json(issued: Issued) -> dict[str, Any]:
    run = issued.run
    return {
        "bucket": bucket_of(run.run_id),
        "run_id": str(run.run_id),
        "sequence": run.sequence,
        "journey_id": run.journey_id,
        "node_id": run.node_id,
    }


_COLUMNS = (
    "bucket smallint, run_id uuid, journey_id text, version int, profile_id uuid, identity_id uuid, entry_key text, "
    "trigger_id text, state text, node_id text, sequence bigint, opened_at timestamptz, opener_id text, memory jsonb, "
    "entry jsonb, wake_at timestamptz, entered_at timestamptz, exited_at timestamptz, exit_reason text, "
    "historical boolean, traceparent text, org_unit_id text, frozen_by uuid"
)
_NAMES = ", ".join(part.split(" ")[0] for part in _COLUMNS.split(", "))
_LOAD = """
SELECT r.* FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, run_id)
JOIN runs r ON r.workspace_id = $1 AND r.bucket = k.bucket AND r.run_id = k.run_id
"""
_ACTIVE = """
SELECT r.* FROM active_runs a
JOIN runs r ON r.workspace_id = $1 AND r.run_id = a.run_id AND r.journey_id = a.journey_id
WHERE a.workspace_id = $1 AND a.profile_id = ANY($2::uuid[]) AND r.state = 'active'
"""
_HISTORY = """
SELECT k.journey_id, k.profile_id, k.entry_key, max(r.exited_at) AS last_exit
FROM unnest($2::text[], $3::uuid[], $4::text[]) AS k (journey_id, profile_id, entry_key)
JOIN runs r ON r.workspace_id = $1 AND r.profile_id = k.profile_id AND r.journey_id = k.journey_id
  AND r.entry_key = k.entry_key
GROUP BY 1, 2, 3
"""
_ADD_ACTIVE = """
INSERT INTO active_runs (workspace_id, bucket, journey_id, profile_id, entry_key, run_id)
SELECT $1, * FROM unnest($2::smallint[], $3::text[], $4::uuid[], $5::text[], $6::uuid[])
"""
_REMOVE_ACTIVE = """
DELETE FROM active_runs WHERE workspace_id = $1 AND run_id = ANY($2::uuid[]) AND profile_id = ANY($3::uuid[])
"""
# Every part but the first two sees the tables as they were before, and touches rows that no other part does.
_APPLY = f"""
WITH new AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($2::jsonb) AS r ({_COLUMNS}, profile_bucket smallint)
),
changed AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($3::jsonb) AS r ({_COLUMNS}, was bigint)),
started AS (
  INSERT INTO runs (workspace_id, {_NAMES}) SELECT $1, {_NAMES} FROM new ORDER BY bucket, run_id
  ON CONFLICT DO NOTHING RETURNING run_id
),
updated AS (
  UPDATE runs t SET state = r.state, node_id = r.node_id, sequence = r.sequence, opened_at = r.opened_at,
    opener_id = r.opener_id, memory = r.memory, wake_at = r.wake_at, exited_at = r.exited_at,
    exit_reason = r.exit_reason, frozen_by = r.frozen_by
  FROM changed r
  WHERE t.workspace_id = $1 AND t.bucket = r.bucket AND t.run_id = r.run_id AND t.sequence = r.was
    AND t.state = 'active'
  RETURNING t.run_id
),
done AS MATERIALIZED (SELECT run_id FROM started UNION ALL SELECT run_id FROM updated),
opened AS (
  INSERT INTO active_runs (workspace_id, bucket, journey_id, profile_id, entry_key, run_id)
  SELECT $1, profile_bucket, journey_id, profile_id, entry_key, run_id FROM new JOIN started USING (run_id)
  WHERE state = 'active'
),
closed AS (
  DELETE FROM active_runs a USING changed r
  WHERE a.workspace_id = $1 AND a.profile_id = r.profile_id AND a.run_id = r.run_id AND r.state <> 'active'
),
passed AS (
  INSERT INTO transitions (workspace_id, bucket, run_id, sequence, journey_id, node_id, outcome, to_node_id,
                           created_at, inputs)
  SELECT $1, bucket, run_id, sequence, journey_id, node_id, outcome, to_node_id, $6, inputs
  FROM jsonb_to_recordset($4::jsonb) AS r (bucket smallint, run_id uuid, sequence bigint, journey_id text,
    node_id text, outcome text, to_node_id text, inputs jsonb) JOIN done USING (run_id)
),
asked AS (
  INSERT INTO intentions (workspace_id, bucket, run_id, sequence, journey_id, node_id, created_at)
  SELECT $1, bucket, run_id, sequence, journey_id, node_id, $6
  FROM jsonb_to_recordset($5::jsonb) AS r (bucket smallint, run_id uuid, sequence bigint, journey_id text,
    node_id text) JOIN done USING (run_id)
),
due AS (
  SELECT bucket, run_id, wake_at FROM new JOIN started USING (run_id) UNION ALL
  SELECT bucket, run_id, wake_at FROM changed
),
woken AS (
  INSERT INTO timers (workspace_id, bucket, run_id, due_at)
  SELECT $1, bucket, run_id, wake_at FROM due WHERE wake_at IS NOT NULL ORDER BY bucket, run_id
  ON CONFLICT (workspace_id, bucket, run_id) DO UPDATE SET due_at = excluded.due_at
),
slept AS (
  DELETE FROM timers t USING changed r
  WHERE t.workspace_id = $1 AND t.bucket = r.bucket AND t.run_id = r.run_id AND r.wake_at IS NULL
)
SELECT array(SELECT run_id FROM started) AS started, (SELECT count(*) FROM updated) AS updated
"""
_REFUSE = """
INSERT INTO entry_refusals (workspace_id, journey_id, reason, count)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[])
ON CONFLICT (workspace_id, journey_id, reason) DO UPDATE SET count = entry_refusals.count + excluded.count
"""
_MOVE = """
UPDATE runs t SET profile_id = k.to_profile_id
FROM unnest($2::uuid[], $3::uuid[], $4::uuid[]) AS k (identity_id, profile_id, to_profile_id)
WHERE t.workspace_id = $1 AND t.profile_id = k.profile_id AND t.identity_id = k.identity_id
"""
