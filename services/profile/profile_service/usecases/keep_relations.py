"""Relations between staff and customers: begun, ended, handed over. At most one of a kind lasts between a member of
staff and a person; the person's memberships are locked while that is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from chassis.database import Tx
from chassis.errors import InvalidArgument, NotFound, StateConflict

from profile_service.domain.identity import Member
from profile_service.queries import people
from profile_service.store import identifiers, relations, staff
from profile_service.store.relations import End, New, Relation

MOST_AT_ONCE = 500
"""Relations of a member of staff handed over by one call."""
TRANSFER = "transfer"
"""The source of a relation that another member of staff had before."""


@dataclass(slots=True)
class Done:
    """`news` are the relations that changed, with whose they are and the member's org unit."""

    relation: Relation | None = None
    news: list[tuple[Relation, Member, str]] = field(default_factory=list)
    count: int = 0
    more: bool = False


async def add_relation(
    tx: Tx, asked: UUID, staff_id: str, kind: str, source: str, started_at: datetime
) -> Done:
    """The relation there is, or a new one under the identity `asked`; under who has it when that is a device."""
    unit = await _unit_of_active(tx, staff_id, "staff_id")
    members = await _hold_person(tx, asked)
    known = [r for r in await relations.lasting(tx, list(members), staff_id) if r.kind == kind]
    if known:
        return Done(known[0])
    holder = members[members[asked].held_by]
    [made] = await relations.insert(tx, [New(holder.identity_id, staff_id, kind, source, started_at)])
    return Done(made, [(made, holder, unit)])


async def end_relation(tx: Tx, asked: UUID, relation_id: UUID, end: End) -> Done:
    members = await _hold_person(tx, asked)
    relation = await _lasting(tx, members, relation_id)
    return await _end_all(tx, members, relation, end)


async def transfer_relation(
    tx: Tx, asked: UUID, relation_id: UUID, to_staff_id: str, reason: str, now: datetime
) -> Done:
    unit = await _unit_of_active(tx, to_staff_id, "to_staff_id")
    members = await _hold_person(tx, asked)
    relation = await _lasting(tx, members, relation_id)
    if relation.staff_id == to_staff_id:
        raise InvalidArgument("the relation is with this member of staff already", field="to_staff_id")
    done = await _end_all(tx, members, relation, End(now, "staff", reason, to_staff_id))
    known = [r for r in await relations.lasting(tx, list(members), to_staff_id) if r.kind == relation.kind]
    if known:
        return Done(known[0], done.news)
    [made] = await relations.insert(
        tx, [New(relation.identity_id, to_staff_id, relation.kind, TRANSFER, now)]
    )
    return Done(made, [*done.news, (made, members[made.identity_id], unit)])


async def transfer_all(
    tx: Tx, staff_id: str, to_staff_id: str, kind: str, reason: str, now: datetime
) -> Done:
    """One page of them; who leaves need not be active any more."""
    to_unit = await _unit_of_active(tx, to_staff_id, "to_staff_id")
    if staff_id == to_staff_id:
        raise InvalidArgument("the relations are with this member of staff already", field="to_staff_id")
    leaving = await staff.get(tx, staff_id)
    if leaving is None:
        raise NotFound("there is no member of staff with this id", kind="staff", id=staff_id)
    found = await relations.lasting_of(tx, staff_id, kind, MOST_AT_ONCE + 1)
    page = found[:MOST_AT_ONCE]
    members = await _hold_people(tx, [r.identity_id for r in page])
    ended = await relations.end(tx, page, End(now, "staff", reason, to_staff_id))
    known = {(person.profile_id, r.kind) for r, person in await _with_people(tx, members, to_staff_id)}
    begun: dict[tuple[UUID, str], New] = {}
    for relation in sorted(ended):
        key = (members[relation.identity_id].profile_id, relation.kind)
        if key not in known:
            begun.setdefault(key, New(relation.identity_id, to_staff_id, relation.kind, TRANSFER, now))
    made = await relations.insert(tx, list(begun.values())) if begun else []
    news = [(r, members[r.identity_id], leaving["org_unit_id"]) for r in ended]
    news += [(r, members[r.identity_id], to_unit) for r in made]
    return Done(None, news, len(ended), len(found) > MOST_AT_ONCE)


async def _end_all(tx: Tx, members: dict[UUID, Member], relation: Relation, end: End) -> Done:
    """Since people became one, a relation may last under several of their identities."""
    alike = [
        r for r in await relations.lasting(tx, list(members), relation.staff_id) if r.kind == relation.kind
    ]
    ended = await relations.end(tx, alike, end)
    known = await staff.get(tx, relation.staff_id)
    unit = known["org_unit_id"] if known else ""
    shown = next(r for r in ended if r.relation_id == relation.relation_id)
    return Done(shown, [(r, members[r.identity_id], unit) for r in ended])


async def _lasting(tx: Tx, members: dict[UUID, Member], relation_id: UUID) -> Relation:
    relation = await relations.get(tx, list(members), relation_id)
    if relation is None:
        raise NotFound("the person has no relation with this id", kind="relation", id=str(relation_id))
    if relation.ended_at is not None:
        raise StateConflict("the relation has ended", relation_id=str(relation_id))
    return relation


async def _unit_of_active(tx: Tx, staff_id: str, field_: str) -> str:
    found = await staff.get(tx, staff_id)
    if found is None or not found["active"]:
        raise InvalidArgument("there is no active member of staff with this id", field=field_)
    unit: str = found["org_unit_id"]
    return unit


async def _hold_person(tx: Tx, asked: UUID) -> dict[UUID, Member]:
    """The identities of the person behind any id ever given out."""
    profile_id = await people.resolve(tx, asked)
    if profile_id is None:
        raise NotFound("no person has this id", kind="profile")
    await identifiers.lock_people(tx, [profile_id])
    members = {m.identity_id: m for m in await identifiers.members_of(tx, [profile_id])}
    if asked not in members:
        # They became somebody else while this waited.
        return await _hold_person(tx, asked)
    return members


async def _hold_people(tx: Tx, identity_ids: Sequence[UUID]) -> dict[UUID, Member]:
    """Who these identities are, held until the transaction ends."""
    locked: set[UUID] = set()
    while True:
        members = await identifiers.current(tx, identity_ids)
        people_now = {m.profile_id for m in members.values()}
        if people_now <= locked:
            return members
        locked |= people_now
        await identifiers.lock_people(tx, sorted(locked))


async def _with_people(
    tx: Tx, members: dict[UUID, Member], staff_id: str
) -> Sequence[tuple[Relation, Member]]:
    """What lasts between these people and a member of staff."""
    all_of = await identifiers.members_of(tx, {m.profile_id for m in members.values()})
    of = {m.identity_id: m for m in all_of}
    return [(r, of[r.identity_id]) for r in await relations.lasting(tx, list(of), staff_id)]
