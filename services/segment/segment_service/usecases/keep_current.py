"""Takes a batch of PROFILE in: facts are stored, and whoever they concern enters or leaves."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import consents
import people
from chassis.database import Tx
from people import Membership

from segment_service import metrics
from segment_service.domain import batch
from segment_service.domain.catalogue import Catalogue
from segment_service.domain.facts import fold
from segment_service.domain.heard import Heard, TraitsFact
from segment_service.domain.membership import Change, plan_departure, plan_membership
from segment_service.store import facts, memberships
from segment_service.store.known_names import KnownNames
from segment_service.store.segments import Catalogues


@dataclass(frozen=True, slots=True)
class KeepCurrent:
    catalogues: Catalogues
    names: KnownNames

    async def __call__(self, tx: Tx, heard: Sequence[Heard]) -> list[Change]:
        catalogue = await self.catalogues.current(tx)
        said = batch.entries(heard)
        # An entry may be of identities that are no longer one person: all of them are held, as far as they are known.
        of = await people.load(tx, {entry.identity_id for entry in said})
        settled = await people.settle_news(
            tx,
            [*batch.mentioned(heard), *(m._replace(version=-1) for m in of.values())],
            holding=batch.plan_held(heard, catalogue),
        )
        await facts.move_events(tx, batch.moved_events(heard))
        events = batch.first_mentions(heard)
        new = await facts.store_events(tx, events)
        concerned = batch.plan_concerned(heard, settled, new, catalogue)
        changes = await _plan(tx, heard, concerned, catalogue)
        await facts.add_counts(tx, batch.plan_counts(events, new))
        await consents.take(tx, said)
        await memberships.apply(tx, changes)
        for kind, count in Counter(change.kind for change in changes).items():
            metrics.CHANGES.labels(kind).inc(count)
        await self.names.note(tx, batch.plan_names(heard))
        return changes


async def _plan(
    tx: Tx, heard: Sequence[Heard], concerned: batch.Concerned, catalogue: Catalogue
) -> list[Change]:
    """Loads what the people concerned were known for, saves new traits, and plans each person."""
    member_of = await people.members(tx, concerned.steps) if concerned.steps else {}
    identities = {m.identity_id for found in member_of.values() for m in found}
    changing = {record.identity_id for record in heard if isinstance(record.fact, TraitsFact)}
    traits = await facts.load_traits(tx, changing | identities if catalogue.traits else changing)
    await facts.save_traits(tx, batch.plan_traits(heard, traits))
    if not concerned.steps:
        return []
    states = await facts.load_states(tx, identities, catalogue.events)
    entries = await consents.of_identities(tx, identities) if catalogue.about_consents else {}
    known = facts.together(identities, states, traits, entries)
    inside = await memberships.load_inside(tx, concerned.steps)
    changes = await _departures(tx, concerned, set(concerned.uprooted) - set(member_of), catalogue, inside)
    for profile_id, members in member_of.items():
        changes += plan_membership(
            _naming(profile_id, members),
            fold(known[m.identity_id] for m in members),
            concerned.steps[profile_id],
            catalogue,
            inside.get(profile_id, ()),
        )
    return changes


async def _departures(
    tx: Tx,
    concerned: batch.Concerned,
    gone: Collection[UUID],
    catalogue: Catalogue,
    inside: Mapping[UUID, Collection[str]],
) -> list[Change]:
    """Of those who are nobody's current profile any more."""
    today = await people.resolve(tx, gone)
    return [
        change
        for profile_id in gone
        for change in plan_departure(
            today[profile_id], concerned.uprooted[profile_id], catalogue, inside.get(profile_id, ())
        )
    ]


def _naming(profile_id: UUID, members: Sequence[Membership]) -> Membership:
    """The member that names the person; any member knows the person's number."""
    for member in members:
        if member.identity_id == profile_id:
            return member
    return Membership(profile_id, profile_id, members[0].profile_no, -1)
