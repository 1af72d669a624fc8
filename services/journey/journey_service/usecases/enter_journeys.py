"""Events → runs that they start: which version was in force, who may enter, and the first steps."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from chassis.clock import to_ms
from chassis.database import Tx
from chassis.errors import StateConflict
from chassis.ids import timed_id
from chassis.outbox import Outgoing
from people import Membership

from journey_service import metrics
from journey_service.domain.definition import Entry
from journey_service.domain.entering import Standing, key_of, plan_entries
from journey_service.domain.run import Run
from journey_service.events.read_profile import Heard
from journey_service.store import runs as run_store
from journey_service.store.definitions import Publication, Publications, Published
from journey_service.usecases.advance import advance

Refused = Counter[tuple[str, str]]
"""(journey, reason) → how many."""
Asked = tuple[str, str, int, int]
"""Event id, journey, version, index of the entry."""

CLOCKS_DIFFER = timedelta(seconds=5)
"""An event may have happened, by the sender's clock or in whole seconds, a little before it did by ours."""


@dataclass(frozen=True, slots=True)
class Audiences:
    """Which entries' audiences hold for which event; fetched before the transaction."""

    holds: Mapping[Asked, bool]

    def admit(self, asked: Asked) -> bool:
        if asked not in self.holds:
            # Letting them in unasked could message people whom the audience leaves out; the batch comes again.
            raise StateConflict("a journey opened while the audiences of a batch were being asked")
        return self.holds[asked]


def wanted_runs(
    tx: Tx,
    fresh: Sequence[Heard],
    current: Mapping[UUID, Membership],
    known: Published,
    audiences: Audiences,
    now: datetime,
    refused: Refused,
) -> list[Run]:
    """Runs that these events would start, the earliest event first; counts those that their events rule out."""
    wanted: list[Run] = []
    for heard in sorted(fresh, key=lambda h: h.event.moment):
        for journey_id, _, _, _ in starting(heard, known.paused, known):
            refused[journey_id, "journey_paused"] += 1
        for journey_id, (since, version), index, entry in starting(heard, known.open, known):
            asked = (heard.event.event_id, journey_id, version, index)
            if reason := _outside(heard, entry, asked, audiences) or _too_early(heard, entry, since):
                refused[journey_id, reason] += 1
                continue
            person = current[heard.event.identity_id].profile_id
            start = known.definitions[journey_id, version].start
            wanted.append(_new_run(tx, heard, person, journey_id, version, entry, start, now))
    return wanted


async def enter(
    tx: Tx,
    wanted: Sequence[Run],
    standing: Standing,
    known: Published,
    now: datetime,
    refused: Refused,
) -> list[Outgoing]:
    """Starts the runs that may start, in as many rounds as the batch has entries that wait for one another."""
    remembering = [key_of(r) for r in wanted if known.definitions[r.journey_id, r.version].reentry.looks_back]
    if remembering:
        standing.last_exit = await run_store.history(tx, remembering) | standing.last_exit
    output: list[Outgoing] = []
    while wanted:
        entries = plan_entries(wanted, standing, known.definitions)
        for no in entries.refused:
            refused[no.journey_id, no.reason] += 1
        if entries.entered:
            advanced = await advance(tx, entries.entered, known.definitions, now, entered=entries.entered)
            metrics.ENTERED.inc(len(advanced.runs))
            standing.know(advanced.runs)
            output += advanced.outgoing
        wanted = entries.later
    return output


def _too_early(heard: Heard, entry: Entry, published_at: datetime) -> str:
    """Events that no version asked about were not stored: a wait that opens before could miss what answers it."""
    before = heard.event.moment.at < published_at - CLOCKS_DIFFER
    return "before_publishing" if before and not entry.historical else ""


def _outside(heard: Heard, entry: Entry, asked: Asked, audiences: Audiences) -> str:
    """Why the event may not start a run, whatever its person did before; empty when it may."""
    if heard.historical and not entry.historical:
        return "historical"
    if entry.audience is not None and not audiences.admit(asked):
        return "not_in_audience"
    return ""


def starting(
    heard: Heard, journeys: Mapping[str, Publications], known: Published
) -> Iterable[tuple[str, Publication, int, Entry]]:
    """(journey, version, index of the entry, entry) of each of these journeys that the event starts."""
    for journey_id, publications in journeys.items():
        publication = _in_force(heard, publications)
        entries = known.definitions[journey_id, publication.version].entries
        for index, entry in enumerate(entries):
            if entry.match.holds(heard.event, {}):
                yield journey_id, publication, index, entry
                break


def _in_force(heard: Heard, publications: Publications) -> Publication:
    """The version that was published when the event happened; for history, and what came before all, the newest."""
    known = [p for p in publications if p.at <= heard.event.moment.at + CLOCKS_DIFFER]
    return publications[-1] if heard.historical or not known else known[-1]


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
