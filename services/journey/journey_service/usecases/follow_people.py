"""PROFILE → entries, waits answered, runs that move with their person."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import people
from chassis.clock import Clock, to_ms
from chassis.consumer import Batch
from chassis.database import Database, Tx
from chassis.errors import StateConflict
from chassis.ids import timed_id
from chassis.outbox import Outgoing
from people import Membership
from waypost.profile.v1 import profile_events_pb2 as pb

from journey_service.domain.definition import Entry
from journey_service.domain.plan import EntryRefused, Steps, plan_entry
from journey_service.domain.run import Run
from journey_service.events import published, read_profile
from journey_service.events.read_profile import Heard
from journey_service.ports import Rules
from journey_service.store import events as event_store
from journey_service.store import runs as run_store
from journey_service.store.definitions import Definitions, Published
from journey_service.usecases.advance import advance

Asked = tuple[str, str, int, int]
"""Event id, journey, version, index of the entry."""


@dataclass(frozen=True, slots=True)
class Audiences:
    """Which entries' audiences hold for which event; fetched before the transaction."""

    holds: Mapping[Asked, bool]

    def admit(self, asked: Asked) -> bool:
        if asked not in self.holds:
            # Letting them in unasked could message people whom the audience leaves out; the batch comes again.
            raise StateConflict("a journey opened while the audiences of a batch were being asked")
        return self.holds[asked]


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
            for opened in known.open.items()
            for entry in known.definitions[opened].entries
            if entry.audience is not None
        }
        wanted = [
            (entry.audience, str(person.profile_id), (h.event.event_id, journey_id, version, index))
            for h, person in read_profile.readable_events(batch.records, asking)
            for journey_id, version, index, entry in _starting(h, known.open, known)
            if entry.audience is not None
        ]
        return Audiences(await self._rules.hold(batch.workspace_id, wanted) if wanted else {})

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
        # An event that no journey asks about is only stored; its person need not be held.
        holding = {h.event.identity_id for h in heard.values()}
        current, moved = await people.settle(tx, read_profile.memberships(records), holding)
        output = await _move_runs(tx, moved, now) if moved else []
        stored = await event_store.insert(tx, read_profile.rows(records, since), known.event_names)
        fresh = [h for i, h in heard.items() if i in stored]
        # Who merged has a longer time line: it may hold what a run waits for.
        persons = {current[h.event.identity_id].profile_id for h in fresh} | {m.to.profile_id for m in moved}
        if not persons:
            return output
        active = await run_store.active_of(tx, persons)
        entered = await self._entries(tx, fresh, current, active, known, prepared)
        watching = [
            run
            for runs in active.values()
            for run in runs
            if known.definitions[run.journey_id, run.version].nodes[run.node_id].event_names()
        ]
        if not watching and not entered:
            return output
        return output + await advance(tx, [*watching, *entered], known.definitions, now, entered=entered)

    async def _entries(
        self,
        tx: Tx,
        fresh: Sequence[Heard],
        current: Mapping[UUID, Membership],
        active: Mapping[UUID, list[Run]],
        known: Published,
        audiences: Audiences,
    ) -> list[Run]:
        """Runs that these events start, the earliest event first."""
        now = self._clock.now()
        refused: Counter[tuple[str, str]] = Counter()
        wanted: list[Run] = []
        for heard in sorted(fresh, key=lambda h: h.event.moment):
            for journey_id, _, _, _ in _starting(heard, known.paused, known):
                refused[journey_id, "journey_paused"] += 1
            for journey_id, version, index, entry in _starting(heard, known.open, known):
                reason = _outside(heard, entry, (heard.event.event_id, journey_id, version, index), audiences)
                if reason:
                    refused[journey_id, reason] += 1
                    continue
                person = current[heard.event.identity_id].profile_id
                start = known.definitions[journey_id, version].start
                wanted.append(_new_run(tx, heard, person, journey_id, version, entry, start, now))
        keys = [(r.journey_id, r.profile_id, r.entry_key) for r in wanted]
        reentries = [known.definitions[r.journey_id, r.version].reentry for r in wanted]
        remembering = [key for key, reentry in zip(keys, reentries, strict=True) if reentry.looks_back]
        history = await run_store.history(tx, remembering) if remembering else {}
        entered: list[Run] = []
        for run, key in zip(wanted, keys, strict=True):
            definition = known.definitions[run.journey_id, run.version]
            unfinished = [
                *active.get(run.profile_id, ()),
                *(r for r in entered if r.profile_id == run.profile_id),
            ]
            no = plan_entry(run, definition, unfinished, history.get(key), key in history)
            if isinstance(no, EntryRefused):
                refused[no.journey_id, no.reason] += 1
            else:
                entered.append(run)
        await run_store.refuse_entries(tx, refused)
        return entered


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
    kept: dict[tuple[str, UUID, str], Run] = {}
    frozen: list[Steps] = []
    for run in sorted(active, key=lambda r: (r.entered_at, r.run_id)):
        at = replace(run, profile_id=became.get(run.identity_id, run.profile_id))
        if kept.setdefault((at.journey_id, at.profile_id, at.entry_key), at) is not at:
            frozen.append(_freeze(at, now))
    await run_store.apply(tx, (), frozen, now)
    left = {r.run_id for r in leaving}
    await run_store.add_active(tx, [r for r in kept.values() if r.run_id in left])
    return published.outgoing((), frozen, now)


def _freeze(run: Run, now: datetime) -> Steps:
    return Steps(run, replace(run, state="frozen", wake_at=None, exited_at=now, exit_reason="merged"))


def _outside(heard: Heard, entry: Entry, asked: Asked, audiences: Audiences) -> str:
    """Why the event may not start a run, whatever its person did before; empty when it may."""
    if heard.historical and not entry.historical:
        return "historical"
    if entry.audience is not None and not audiences.admit(asked):
        return "not_in_audience"
    return ""


def _starting(
    heard: Heard, journeys: Mapping[str, int], known: Published
) -> Iterable[tuple[str, int, int, Entry]]:
    """(journey, version, index of the entry, entry) of each of these journeys that the event starts."""
    for journey_id, version in journeys.items():
        entries = known.definitions[journey_id, version].entries
        for index, entry in enumerate(entries):
            if entry.match.holds(heard.event, {}):
                yield journey_id, version, index, entry
                break


def _new_run(
    tx: Tx,
    heard: Heard,
    person: UUID,
    journey_id: str,
    version: int,
    entry: Entry,
    start: str,
    now: datetime,
) -> Run:
    event = heard.event
    return Run(
        run_id=timed_id(to_ms(event.accepted_at), str(tx.workspace_id), journey_id, event.event_id),
        journey_id=journey_id,
        version=version,
        profile_id=person,
        identity_id=event.identity_id,
        entry_key=entry.key_of(event),
        trigger_id=event.event_id,
        state="active",
        node_id=start,
        sequence=0,
        opened=event.moment,
        memory={},
        entry=event.properties,
        entered_at=now,
        historical=heard.historical,
        traceparent=heard.traceparent,
        org_unit_id=heard.org_unit_id,
    )
