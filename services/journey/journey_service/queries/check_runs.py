"""May the intentions of these runs still go out? Asked by dispatch just before it sends."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.database import Tx

from journey_service.domain.plan import Transition, superseded
from journey_service.domain.run import Moment, Run
from journey_service.queries import reports
from journey_service.store import runs as run_store
from journey_service.store.definitions import Definitions
from journey_service.usecases.advance import load_time_lines


async def check_runs(tx: Tx, asked: Sequence[tuple[UUID, int]], definitions: Definitions) -> list[str]:
    """For each (run, sequence) why it may not be sent; empty text when it may."""
    found = await run_store.load(tx, [run_id for run_id, _ in asked])
    verdicts = [_standing(found.get(run_id), sequence) for run_id, sequence in asked]
    waiting = [found[run_id] for (run_id, _), no in zip(asked, verdicts, strict=True) if not no]
    late = await _superseded(tx, waiting, definitions) if waiting else set()
    return [
        "superseded" if not no and run_id in late else no
        for (run_id, _), no in zip(asked, verdicts, strict=True)
    ]


def _standing(run: Run | None, sequence: int) -> str:
    if run is None:
        return "run_unknown"
    if run.state != "active":
        return f"run_{run.state}"
    return "" if run.sequence == sequence else "run_moved_on"


async def _superseded(tx: Tx, runs: Sequence[Run], definitions: Definitions) -> set[UUID]:
    """Runs sent on by a time-out although an event accepted before it says otherwise."""
    known = await definitions.of_versions(tx, [(r.journey_id, r.version) for r in runs])
    runs = [r for r in runs if known[r.journey_id, r.version].waits_for]
    if not runs:
        return set()
    last = await reports.last_transitions(tx, [r.run_id for r in runs])
    timed_out = [r for r in runs if r.run_id in last and last[r.run_id]["outcome"] == "timeout"]
    if not timed_out:
        return set()
    earlier = [_as_it_was(r, last[r.run_id]["inputs"]["opened"]) for r in timed_out]
    time_lines = await load_time_lines(tx, earlier, known)
    found = set()
    for run in timed_out:
        row = last[run.run_id]
        step = Transition(
            run.run_id,
            run.journey_id,
            row["sequence"],
            row["node_id"],
            row["outcome"],
            row["to_node_id"],
            row["inputs"],
        )
        definition = known[run.journey_id, run.version]
        if superseded(run, definition, step, time_lines.get(run.profile_id, ()), row["created_at"]):
            found.add(run.run_id)
    return found


def _as_it_was(run: Run, opened: str) -> Run:
    return replace(run, opened=Moment(datetime.fromisoformat(opened)))
