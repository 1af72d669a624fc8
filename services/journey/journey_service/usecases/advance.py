"""The one way in which runs move: load the slice, plan each run, apply and say so. Used by every consumer and timer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import people
from chassis.database import Tx
from chassis.outbox import Outgoing

from journey_service.domain.definition import Definition
from journey_service.domain.plan import Steps, plan_steps
from journey_service.domain.run import Event, MessageOutcome, Run
from journey_service.events import published
from journey_service.store import events as event_store
from journey_service.store import runs as run_store

Definitions = Mapping[tuple[str, int], Definition]
"""(journey, version) → definition."""
Planner = Callable[[Run, Definition, Iterable[Event], MessageOutcome | None, datetime], Steps]


@dataclass(frozen=True, slots=True)
class Advanced:
    runs: list[Run]
    """As they are now; new runs that already existed are left out."""
    outgoing: list[Outgoing]


async def advance(
    tx: Tx,
    runs: Sequence[Run],
    definitions: Definitions,
    now: datetime,
    *,
    entered: Sequence[Run] = (),
    outcomes: Mapping[UUID, MessageOutcome] | None = None,
    plan: Planner | None = None,
) -> Advanced:
    """Plans `runs` (`entered` are those of them that are new and not stored yet) and applies what was decided.

    The people behind the runs are locked by the caller.
    """
    time_lines = await load_time_lines(tx, runs, definitions)
    planned = [
        (plan or plan_steps)(
            run,
            definitions[run.journey_id, run.version],
            time_lines.get(run.profile_id, ()),
            (outcomes or {}).get(run.run_id),
            now,
        )
        for run in runs
    ]
    new_ids = {r.run_id for r in entered}
    if new_ids or any(s.changed for s in planned):
        new = [s.after for s in planned if s.before.run_id in new_ids]
        started = await run_store.apply(tx, new, planned, now)
        planned = [s for s in planned if s.before.run_id not in new_ids or s.before.run_id in started]
        entered = [r for r in entered if r.run_id in started]
    return Advanced([s.after for s in planned], published.outgoing(entered, planned, now))


async def load_time_lines(tx: Tx, runs: Iterable[Run], definitions: Definitions) -> dict[UUID, list[Event]]:
    """Each person's events that a wait of theirs could look at, over all their identities."""
    # The whole definition counts, not the node the run is at: it may pass on to a wait in the same plan.
    looking = [r for r in runs if definitions[r.journey_id, r.version].waits_for]
    if not looking:
        return {}
    names = frozenset().union(*(definitions[r.journey_id, r.version].waits_for for r in looking))
    members = await people.members(tx, {r.profile_id for r in looking})
    owner = {m.identity_id: person for person, group in members.items() for m in group}
    since = min(r.opened.at for r in looking)
    found: dict[UUID, list[Event]] = {}
    for identity_id, events in (await event_store.of_identities(tx, owner, names, since)).items():
        found.setdefault(owner[identity_id], []).extend(events)
    return found
