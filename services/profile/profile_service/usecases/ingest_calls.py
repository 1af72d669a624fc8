"""INGEST → people, events, orders, traits, contact points; everything that changed goes out on PROFILE."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from chassis.clock import Clock, to_ms
from chassis.consumer import Batch
from chassis.crypto import Ciphers, WorkspaceCipher
from chassis.database import Tx
from chassis.errors import DataError
from chassis.ids import derived_id, new_id, timed_id
from chassis.outbox import Outgoing

from profile_service.domain.calls import Call, Issue, Key
from profile_service.domain.identifiers import PERSONAL, Identifier, ParsePhone, mask
from profile_service.domain.identity import IdentityPlan, Linked, Member, plan_identity
from profile_service.domain.orders import ORDER_COMPLETED, Order, read_order
from profile_service.domain.traits import Statement, Traits, merge
from profile_service.events import published
from profile_service.events.read_ingest import read_call
from profile_service.store import facts, identifiers
from profile_service.store.identifiers import NewIdentifier
from profile_service.store.numbers import Numbers

STREAM = "PROFILE"


@dataclass(frozen=True, slots=True)
class _People:
    """What became of the identities of a batch."""

    of_key: dict[Key, Member]
    members: dict[UUID, Member]
    merged: list[published.Merged]
    newborn: frozenset[UUID]

    def strongest(self, keys: Sequence[Key]) -> Member:
        return self.members[self.of_key[keys[0]].identity_id]


class IngestCalls:
    """The handler behind INGEST."""

    def __init__(self, ciphers: Ciphers, numbers: Numbers, clock: Clock, parse_phone: ParsePhone) -> None:
        self._ciphers = ciphers
        self._numbers = numbers
        self._clock = clock
        self._parse_phone = parse_phone

    async def prepare(self, batch: Batch) -> None:
        return None

    async def apply(self, tx: Tx, batch: Batch, prepared: None) -> list[Outgoing]:
        cipher = self._ciphers.of(batch.workspace_id)
        calls = [read_call(record, self._parse_phone) for record in batch.records]
        calls = await self._first_time(tx, calls)
        lost = [c for c in calls if not c.identifiers]
        calls = [c for c in calls if c.identifiers]
        keys = {c.message_id: [_key(i, cipher) for i in c.identifiers] for c in calls}
        people = await self._settle_people(tx, calls, keys, cipher)
        records = await self._store_facts(tx, calls, keys, people, cipher)
        await self._report(tx, batch, calls, lost, cipher)
        return [Outgoing(STREAM, records)]

    async def _first_time(self, tx: Tx, calls: Iterable[Call]) -> list[Call]:
        """Drops calls stored before, in this batch or ever."""
        by_key: dict[UUID, Call] = {}
        for call in calls:
            by_key.setdefault(derived_id(call.message_id), call)
        if not by_key:
            return []
        fresh = await facts.mark_seen(tx, by_key)
        return [call for key, call in by_key.items() if key in fresh]

    async def _settle_people(
        self, tx: Tx, calls: Sequence[Call], keys: dict[str, list[Key]], cipher: WorkspaceCipher
    ) -> _People:
        values = {k: i for c in calls for k, i in zip(keys[c.message_id], c.identifiers, strict=True)}
        known = await identifiers.find(tx, values) if values else {}
        born = await self._give_birth(tx, {k: i for k, i in values.items() if k not in known}, cipher)
        if len(known) + len(born) < len(values):
            # A rival batch inserted some of them meanwhile, and has committed.
            known = await identifiers.find(tx, [k for k in values if k not in born])
        of_key = known | {
            n.key: Member(n.identity_id, n.identity_id, n.identity_no, 0) for n in born.values()
        }
        links = [
            Linked(c.message_id, tuple(dict.fromkeys(of_key[k].identity_id for k in keys[c.message_id])))
            for c in calls
        ]
        members = {m.identity_id: m for m in of_key.values()}
        plan = await self._plan_locked(tx, links, members)
        now = self._clock.now()
        if born:
            members |= await identifiers.insert_identities(tx, list(born.values()), plan.names, now)
        await identifiers.insert_edges(tx, plan.edges, now)
        merged = await self._apply_merges(tx, plan, members, calls)
        return _People(of_key, members, merged, frozenset(n.identity_id for n in born.values()))

    async def _give_birth(
        self, tx: Tx, missing: dict[Key, Identifier], cipher: WorkspaceCipher
    ) -> dict[Key, NewIdentifier]:
        """Claims identifiers nobody had, each with an identity of its own."""
        if not missing:
            return {}
        await self._numbers.ensure(tx.workspace_id, len(missing))
        new = [
            NewIdentifier(
                key,
                cipher.seal(i.value.encode(), b"identifiers" + key[2]) if i.type in PERSONAL else None,
                new_id(),
                self._numbers.take(tx.workspace_id),
            )
            for key, i in missing.items()
        ]
        claimed = await identifiers.claim(tx, new, self._clock.now())
        return {n.key: n for n in new if n.key in claimed}

    async def _plan_locked(
        self, tx: Tx, links: Sequence[Linked], members: dict[UUID, Member]
    ) -> IdentityPlan:
        """Plans, locks the people concerned, looks again, until the plan is about what is locked.

        `members` is brought up to date in place.
        """
        locked: set[UUID] = set()
        while True:
            plan = plan_identity(links, members)
            if plan.people_concerned <= locked:
                return plan
            locked |= plan.people_concerned
            await identifiers.lock_people(tx, locked)
            members |= await identifiers.current(tx, [i for i, m in members.items() if not m.newborn])

    async def _apply_merges(
        self, tx: Tx, plan: IdentityPlan, members: dict[UUID, Member], calls: Sequence[Call]
    ) -> list[published.Merged]:
        if not plan.merges:
            return []
        before: dict[UUID, list[Member]] = {}
        losers = [p for m in plan.merges for p in m.loser_ids]
        for member in await identifiers.members_of(tx, losers):
            before.setdefault(member.profile_id, []).append(member)
        moved = await identifiers.rename(tx, plan.merges)
        members |= {i: m for i, m in moved.items() if i in members}
        by_message = {c.message_id: c for c in calls}
        merged, rows = [], []
        for planned in plan.merges:
            call = by_message[planned.message_id]
            merge_id = new_id()
            identity_ids = [m.identity_id for p in planned.loser_ids for m in before.get(p, [])]
            evidence = {"message_id": call.message_id, "identifiers": [_shown(i) for i in call.identifiers]}
            images = {str(p): [str(m.identity_id) for m in before.get(p, [])] for p in planned.loser_ids}
            rows.append((merge_id, planned, evidence, images))
            merged.append(published.Merged(merge_id, planned, [moved[i] for i in identity_ids], call))
        await identifiers.insert_merges(tx, rows, self._clock.now())
        return merged

    async def _store_facts(
        self,
        tx: Tx,
        calls: Sequence[Call],
        keys: dict[str, list[Key]],
        people: _People,
        cipher: WorkspaceCipher,
    ) -> list[bytes]:
        records = [published.merged(m) for m in people.merged]
        events: list[facts.EventRow] = []
        orders: list[tuple[facts.EventRow, Order]] = []
        contacts: list[facts.ContactRow] = []
        statements: dict[UUID, list[tuple[Call, Statement]]] = {}
        for call in calls:
            member = people.strongest(keys[call.message_id])
            contacts += _contact_rows(call, keys[call.message_id], member, people, cipher)
            if call.traits or call.held_traits:
                stamp = facts.stamp_of(call.event_time, call.message_id)
                statement = Statement(stamp, {**call.traits, **call.held_traits})
                statements.setdefault(member.identity_id, []).append((call, statement))
                records.append(published.traits(call, member))
            if not call.event_name:
                continue
            row = _event_row(call, keys[call.message_id], member, people, cipher)
            events.append(row)
            records.append(published.event(call, row.event_id, member))
            if call.event_name == ORDER_COMPLETED:
                order = read_order(msgspec.json.decode(call.properties), str(row.event_id))
                if isinstance(order, Order):
                    orders.append((row, order))
        await facts.insert_events(tx, events)
        await facts.insert_orders(tx, orders)
        await facts.upsert_contacts(tx, contacts)
        await self._merge_traits(tx, statements, cipher)
        return records

    async def _merge_traits(
        self, tx: Tx, statements: dict[UUID, list[tuple[Call, Statement]]], cipher: WorkspaceCipher
    ) -> None:
        if not statements:
            return
        changed: dict[UUID, tuple[Traits, bytes | None]] = {}
        for identity_id, (public, sealed) in (await facts.lock_traits(tx, statements)).items():
            place = b"traits" + identity_id.bytes
            held = msgspec.json.decode(cipher.open(sealed, place)) if sealed else {}
            known = Traits({**public.values, **held}, public.stamps)
            merged = merge(known, (s for _, s in statements[identity_id]))
            if merged == known:
                continue
            personal = {k for c, _ in statements[identity_id] for k in c.held_traits} | held.keys()
            kept = {k: v for k, v in merged.values.items() if k in personal}
            shown = {k: v for k, v in merged.values.items() if k not in personal}
            resealed = cipher.seal(msgspec.json.encode(kept), place) if kept else None
            changed[identity_id] = (Traits(shown, merged.stamps), resealed)
        if changed:
            await facts.update_traits(tx, changed, self._clock.now())

    async def _report(
        self, tx: Tx, batch: Batch, calls: Sequence[Call], lost: Sequence[Call], cipher: WorkspaceCipher
    ) -> None:
        issues = [issue for call in (*calls, *lost) for issue in call.issues]
        reason = "identifier_missing"
        detail = "no usable identifier is left"
        issues += [Issue("dead_letter", reason, "", c.event_name, c.message_id, detail) for c in lost]
        for call in calls:
            if call.event_name == ORDER_COMPLETED:
                wrong = read_order(_properties(call), "")
                if isinstance(wrong, str):
                    path = "properties.total"
                    issues.append(
                        Issue("coerced", "order_total_invalid", path, call.event_name, call.message_id, wrong)
                    )
        await facts.report_issues(tx, issues, self._clock.now())
        if lost:
            sealed = [(cipher.seal(c.record, b"dead"), reason, detail) for c in lost]
            await facts.bury(tx, batch.source.subject, sealed)


def _properties(call: Call) -> dict[str, Any]:
    value = msgspec.json.decode(call.properties)
    if not isinstance(value, dict):
        raise DataError("not_an_object", "properties is not a JSON object")
    return value


def _key(identifier: Identifier, cipher: WorkspaceCipher) -> Key:
    if identifier.type in PERSONAL:
        return identifier.type, identifier.scope, cipher.blind_index(identifier.type, identifier.value)
    return identifier.type, identifier.scope, identifier.value.encode()


def _shown(identifier: Identifier) -> dict[str, str]:
    value = mask(identifier.type, identifier.value) if identifier.type in PERSONAL else identifier.value
    return {"type": identifier.type, "scope": identifier.scope, "value": value}


def _contact_rows(
    call: Call, keys: Sequence[Key], member: Member, people: _People, cipher: WorkspaceCipher
) -> list[facts.ContactRow]:
    """Addresses that the call states; one merely repeated as an identifier of an event is not news."""
    if call.event_name and not call.traits and not call.held_traits:
        fresh = any(people.of_key[k].identity_id in people.newborn for k in keys if k[0] in PERSONAL)
        if not fresh:
            return []
    rows = []
    for point in call.contact_points:
        index = cipher.blind_index(point.type, point.address)
        sealed = cipher.seal(point.address.encode(), b"contact" + index)
        rows.append(
            facts.ContactRow(
                member.identity_id,
                point.type,
                index,
                sealed,
                mask(point.type, point.address),
                call.event_time,
            )
        )
    return rows


def _event_row(
    call: Call, keys: Sequence[Key], member: Member, people: _People, cipher: WorkspaceCipher
) -> facts.EventRow:
    event_id = timed_id(to_ms(call.event_time), call.message_id)
    held = msgspec.json.encode(call.held_properties) if call.held_properties else None
    return facts.EventRow(
        event_id=event_id,
        identity_id=member.identity_id,
        name=call.event_name,
        event_time=call.event_time,
        accept_time=call.accept_time,
        message_id=call.message_id,
        identity_ids=[people.of_key[k].identity_id for k in keys],
        properties=call.properties.decode(),
        sealed_properties=cipher.seal(held, b"event" + event_id.bytes) if held else None,
        source=call.source,
        org_unit_id=call.org_unit_id,
        historical=call.historical,
    )
