"""Runs that wait for the end of a merge. A caller holds the locks of the people concerned before it writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

from journey_service.domain.run import MessageOutcome, Run
from journey_service.store.runs import add_active, read_run


async def of_people(tx: Tx, profile_ids: Iterable[UUID]) -> tuple[list[Run], dict[UUID, MessageOutcome]]:
    """Their frozen runs; by run, what was heard since of the message of the step at which it stands."""
    rows = await tx.fetch(_FROZEN, tx.workspace_id, list(set(profile_ids)))
    heard = {
        r["run_id"]: MessageOutcome(**r["heard"] | {"at": datetime.fromisoformat(r["heard"]["at"])})
        for r in rows
        if r["heard"]
    }
    return [read_run(r) for r in rows], heard


async def hear(tx: Tx, outcomes: Mapping[UUID, MessageOutcome]) -> None:
    """Notes, by run, what became of a message that is of no use before the run goes on."""
    rows = [
        {"bucket": bucket_of(i), "run_id": str(i), "heard": asdict(outcome)}
        for i, outcome in outcomes.items()
    ]
    await tx.execute(_HEAR, tx.workspace_id, rows)


async def resume(tx: Tx, runs: Sequence[Run]) -> None:
    ids = [r.run_id for r in runs]
    await tx.execute(_RESUME, tx.workspace_id, [bucket_of(i) for i in ids], ids)
    await add_active(tx, runs)


async def refreeze(tx: Tx, runs: Sequence[Run]) -> None:
    """As they say: by another run than before."""
    ids = [r.run_id for r in runs]
    await tx.execute(
        _REFREEZE, tx.workspace_id, [bucket_of(i) for i in ids], ids, [r.frozen_by for r in runs]
    )


_FROZEN = """
SELECT * FROM runs
WHERE workspace_id = $1 AND profile_id = ANY($2::uuid[]) AND state = 'frozen' AND frozen_by IS NOT NULL
"""
_HEAR = """
UPDATE runs t SET heard = r.heard FROM jsonb_to_recordset($2::jsonb) AS r (bucket smallint, run_id uuid, heard jsonb)
WHERE t.workspace_id = $1 AND t.bucket = r.bucket AND t.run_id = r.run_id AND t.state = 'frozen'
"""
_RESUME = """
UPDATE runs t SET state = 'active', exited_at = NULL, exit_reason = '', frozen_by = NULL, heard = NULL
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, run_id)
WHERE t.workspace_id = $1 AND t.bucket = k.bucket AND t.run_id = k.run_id AND t.state = 'frozen'
"""
_REFREEZE = """
UPDATE runs t SET frozen_by = k.frozen_by
FROM unnest($2::smallint[], $3::uuid[], $4::uuid[]) AS k (bucket, run_id, frozen_by)
WHERE t.workspace_id = $1 AND t.bucket = k.bucket AND t.run_id = k.run_id AND t.state = 'frozen'
"""
