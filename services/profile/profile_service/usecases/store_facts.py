"""Calls whose people are known → events, orders, traits and contact points."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import msgspec
from chassis.crypto import WorkspaceCipher
from chassis.database import Tx
from chassis.ids import timed_id

from profile_service import metrics
from profile_service.domain.calls import Call, ContactPoint, Key
from profile_service.domain.declared import NOTHING, Declared
from profile_service.domain.identifiers import PERSONAL, mask
from profile_service.domain.identity import Member
from profile_service.events import published
from profile_service.store import facts, org_units
from profile_service.usecases.merge_traits import merge_traits, rank_of_call
from profile_service.usecases.news import News
from profile_service.usecases.settle_people import People


async def store_facts(
    tx: Tx,
    calls: Sequence[Call],
    keys: Mapping[str, list[Key]],
    people: People,
    cipher: WorkspaceCipher,
    now: datetime,
    declared: Declared = NOTHING,
) -> list[bytes]:
    """What follows for PROFILE. `keys` are by message id."""
    records = published.moves(people.applied, {c.message_id: c for c in calls}, calls[0]) if calls else []
    events: list[facts.EventRow] = []
    contacts: list[tuple[facts.ContactRow, ContactPoint, Call]] = []
    statements: dict[UUID, list[Call]] = {}
    units: set[tuple[UUID, str]] = set()
    for call in calls:
        member = people.own[call.message_id]
        # An address typed on a shop's tablet is that of who uses it, not of who had it first.
        doer = people.subjects[call.message_id]
        contacts += _contact_rows(call, keys[call.message_id], doer, people, cipher)
        if call.org_unit_id:
            units.add((member.identity_id, call.org_unit_id))
        if call.traits or call.held_traits:
            statements.setdefault(member.identity_id, []).append(call)
            rank = rank_of_call(call, declared)
            records.append(published.traits(call, member, rank, declared.keep_all))
        if not call.event_name:
            continue
        row = _event_row(call, keys[call.message_id], doer, people, cipher)
        events.append(row)
        records.append(published.event(call, row.event_id, doer))
    metrics.EVENTS.inc(len(events))
    metrics.MERGES.inc(len(people.applied.merges))
    news = News(cipher)
    news.of_people(people, calls, keys)
    await facts.insert_events(tx, events)
    fresh = await facts.upsert_contacts(tx, [row for row, *_ in contacts])
    news.of_contacts(c for c in contacts if (c[0].identity_id, c[0].contact_key) in fresh)
    await org_units.add(tx, units)
    await merge_traits(tx, statements, people.newborn, cipher, declared, now, news)
    await news.keep(tx, now)
    return records


def _contact_rows(
    call: Call, keys: Sequence[Key], member: Member, people: People, cipher: WorkspaceCipher
) -> list[tuple[facts.ContactRow, ContactPoint, Call]]:
    """Addresses that the call states; one merely repeated as an identifier of an event is not news."""
    if not call.contact_points:
        return []
    rows = []
    points: Sequence[ContactPoint] = call.contact_points
    indexes = {(i.type, i.value): k[2] for i, k in zip(call.identifiers, keys, strict=True)}
    if call.event_name and not call.traits and not call.held_traits:
        fresh = any(people.of_key[k] in people.newborn for k in keys if k[0] in PERSONAL)
        if not fresh:
            points = [point for point in points if point not in indexes]
    for point in points:
        index = indexes.get(point) or cipher.blind_index(*point)
        sealed = cipher.seal(point.address.encode(), b"contact" + index)
        masked = mask(point.type, point.address)
        row = facts.ContactRow(member.identity_id, point.type, index, sealed, masked, call.at)
        rows.append((row, point, call))
    return rows


def _event_row(
    call: Call, keys: Sequence[Key], member: Member, people: People, cipher: WorkspaceCipher
) -> facts.EventRow:
    event_id = event_id_of(call)
    held = msgspec.json.encode(call.held_properties) if call.held_properties else None
    return facts.EventRow(
        event_id=event_id,
        identity_id=member.identity_id,
        name=call.event_name,
        at=call.at,
        accepted=call.accepted,
        message_id=call.message_id,
        identity_ids=[people.of_key[k] for k in keys],
        properties=call.properties.decode(),
        sealed_properties=cipher.seal(held, b"event" + event_id.bytes) if held else None,
        source=call.source,
        org_unit_id=call.org_unit_id,
        historical=call.historical,
    )


def event_id_of(call: Call) -> UUID:
    return _event_id(call.at, call.message_id)


# The catalogue, orders and the event itself ask for it in turn.
@lru_cache(maxsize=8_192)
def _event_id(at: int, message_id: str) -> UUID:
    return timed_id(at, message_id)
