"""PROFILE says that somebody was split: runs that a merge froze go on where they were."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import people
from chassis.database import Tx
from chassis.outbox import Outgoing

from journey_service.domain.parting import plan_parting
from journey_service.domain.plan import plan_resumed
from journey_service.events import published
from journey_service.store import frozen_runs
from journey_service.store import runs as run_store
from journey_service.usecases.advance import Definitions, advance


async def resume_runs(
    tx: Tx, persons: Iterable[UUID], definitions: Definitions, now: datetime
) -> list[Outgoing]:
    """`persons`: those who were split, as they are now, locked by the caller."""
    frozen, heard = await frozen_runs.of_people(tx, persons)
    if not frozen:
        return []
    keepers = await people.load(tx, {r.frozen_by for r in frozen if r.frozen_by})
    active = await run_store.active_of(tx, {r.profile_id for r in frozen})
    parting = plan_parting(
        frozen,
        [run for runs in active.values() for run in runs],
        {i: keeper.profile_id for i, keeper in keepers.items()},
    )
    if parting.refrozen:
        await frozen_runs.refreeze(tx, parting.refrozen)
    if not parting.resumed:
        return []
    await frozen_runs.resume(tx, parting.resumed)
    advanced = await advance(tx, parting.resumed, definitions, now, outcomes=heard, plan=plan_resumed)
    return [*published.resumed(parting.resumed, now), *advanced.outgoing]
