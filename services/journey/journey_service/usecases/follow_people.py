"""PROFILE → entries, waits answered, runs that move with their person."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import people
from chassis.clock import Clock
from chassis.consumer import Batch
from chassis.database import Database, Tx
from chassis.outbox import Outgoing
from waypost.profile.v1 import profile_events_pb2 as pb

from journey_service import metrics
from journey_service.domain import entering
from journey_service.domain.entering import Standing
from journey_service.domain.plan import Steps
from journey_service.domain.run import Run
from journey_service.events import published, read_profile
from journey_service.ports import Rules
from journey_service.store import events as event_store
from journey_service.store import runs as run_store
from journey_service.store.definitions import Definitions
from journey_service.usecases.advance import advance
from journey_service.usecases.enter_journeys import Audiences, Refused, enter, starting, wanted_runs
from journey_service.usecases.resume_runs import resume_runs

SEGMENT_HEARS_WITHIN = timedelta(seconds=30)
"""An event that segment never takes in, because it cannot, must not keep a partition waiting for longer."""


class FollowPeople:
    def __init__(self, database: Database, definitions: Definitions, rules: Rules, clock: Clock) -> None:
        self._database = database
        self._definitions = definitions
        self._rules = rules
        self._clock = clock

    async def prepare(self, batch: Batch) -> Audiences:
        """Asks segment about the audiences of entries that this batch's events could start."""
        # A journey opened since is no harm: `apply` sees it, refuses to let anybody in unasked, and the batch comes again.
        known = await self._definitions.lately(self._database, batch.workspace_id)
        asking = {
            entry.match.event
            for journey_id, publications in known.open.items()
            for publication in publications
            for entry in known.definitions[journey_id, publication.version].entries
            if entry.audience is not None
        }
        starts = [
            (entry.audience, h, person, (h.event.event_id, journey_id, publication.version, index))
            for h, person in read_profile.readable_events(batch.records, asking)
            for journey_id, publication, index, entry in starting(h, known.open, known)
            if entry.audience is not None
        ]
        if not starts:
            return Audiences({})
        wanted = [(audience, str(person.profile_id), key) for audience, _, person, key in starts]
        lately = self._clock.now() - SEGMENT_HEARS_WITHIN
        heard = {
            (h.event.identity_id, h.event.event_id) for _, h, _, _ in starts if h.event.accepted_at > lately
        }
        return Audiences(await self._rules.hold(batch.workspace_id, wanted, heard))

    async def apply(self, tx: Tx, batch: Batch, prepared: Audiences) -> list[Outgoing]:
        now = self._clock.now()
        known = await self._definitions.load(tx)
        records = [pb.ProfileRecord.FromString(r) for r in batch.records]
        since = now - event_store.STORE_WITHIN
        # By id: a record that came twice in one batch is one event.
        heard = {
            h.event.event_id: h
            for h, _ in read_profile.events(records, known.event_names)
            if h.event.moment.at > since
        }
        # An event that no journey asks about is passed over; its person need not be held.
        parted = read_profile.split_people(records)
        holding = {h.event.identity_id for h in heard.values()} | parted
        current, moved = await people.settle(tx, read_profile.memberships(records), holding)
        output = await _move_runs(tx, moved, now) if moved else []
        stored = await event_store.insert(tx, read_profile.rows(records, known.event_names, since))
        fresh = [h for i, h in heard.items() if i in stored]
        if parted:
            output += await resume_runs(tx, {current[i].profile_id for i in parted}, known.definitions, now)
        # Who merged has a longer time line: it may hold what a run waits for.
        persons = {current[h.event.identity_id].profile_id for h in fresh} | {m.to.profile_id for m in moved}
        if not persons:
            return output
        active = [run for runs in (await run_store.active_of(tx, persons)).values() for run in runs]
        watching = [
            run
            for run in active
            if known.definitions[run.journey_id, run.version].nodes[run.node_id].event_names()
        ]
        standing = Standing()
        standing.know(active)
        if watching:
            advanced = await advance(tx, watching, known.definitions, now)
            standing.know(advanced.runs)
            output += advanced.outgoing
        refused: Refused = Counter()
        wanted = wanted_runs(tx, fresh, current, known, prepared, now, refused)
        output += await enter(tx, wanted, standing, known, now, refused)
        await run_store.refuse_entries(tx, refused)
        for (_, reason), count in refused.items():
            metrics.REFUSED.labels(reason).inc(count)
        return output


async def _move_runs(tx: Tx, moved: Sequence[people.Moved], now: datetime) -> list[Outgoing]:
    """Runs follow the identity they started under; of two that may not be parallel the younger is frozen."""
    became = {m.identity_id: m.to.profile_id for m in moved}
    concerned = {m.from_profile_id for m in moved} | set(became.values())
    active = [run for runs in (await run_store.active_of(tx, concerned)).values() for run in runs]
    await run_store.move_people(tx, moved)
    leaving = [run for run in active if became.get(run.identity_id, run.profile_id) != run.profile_id]
    if not leaving:
        return []
    await run_store.remove_active(tx, [r.run_id for r in leaving], [r.profile_id for r in leaving])
    kept: dict[entering.Key, Run] = {}
    frozen: list[Steps] = []
    for run in sorted(active, key=lambda r: (r.entered_at, r.run_id)):
        at = replace(run, profile_id=became.get(run.identity_id, run.profile_id))
        if kept.setdefault(entering.key_of(at), at) is not at:
            frozen.append(_freeze(at, kept[entering.key_of(at)], now))
    await run_store.apply(tx, (), frozen, now)
    left = {r.run_id for r in leaving}
    await run_store.add_active(tx, [r for r in kept.values() if r.run_id in left])
    return published.outgoing((), frozen, now)


def _freeze(run: Run, keeping: Run, now: datetime) -> Steps:
    frozen = replace(run, state="frozen", wake_at=None, exited_at=now, exit_reason="merged")
    return Steps(run, replace(frozen, frozen_by=keeping.identity_id))
