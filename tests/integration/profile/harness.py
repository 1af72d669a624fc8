"""Profile's ingestion on a real database, fed batches as its consumer would be."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chassis.bus import Source
from chassis.clock import ManualClock, from_ms, to_ms
from chassis.consumer import Batch
from chassis.crypto import Ciphers
from chassis.database import Database
from chassis.lanes import LaneGate
from profile_service.domain.calls import Key
from profile_service.domain.identity_settings import PERSONAL
from profile_service.phones import parse_phone
from profile_service.schemas import compile_schema
from profile_service.store import identifiers
from profile_service.store.declared import Declarations
from profile_service.store.numbers import Numbers
from profile_service.store.settings_in_force import SettingsInForce
from profile_service.usecases.ingest_calls import IngestCalls
from profile_service.usecases.note_sources import SourceBook
from waypost.profile.v1 import ingest_pb2, profile_events_pb2

from tests.reference import Reference, Said

START = datetime(2026, 10, 1, tzinfo=UTC)
START_MS = to_ms(START)


def call(
    message_id: str,
    *identifiers: str,
    name: str = "",
    at: int = 0,
    ms: int | None = None,
    unit: str = "",
    source: str = "",
    group: str = "",
    claims: Iterable[str] = (),
    **data: object,
) -> bytes:
    """`identifiers` are written type:value, `claims` so too: those are not verified; `group` makes it a group call. `at` in minutes since START, or `ms` since
    1970."""
    moment = START + timedelta(minutes=at) if ms is None else from_ms(ms)
    kind = ingest_pb2.INGEST_KIND_TRACK if name else ingest_pb2.INGEST_KIND_IDENTIFY
    kind = ingest_pb2.INGEST_KIND_GROUP if group else kind
    record = ingest_pb2.IngestRecord(kind=kind, name=name or group, source=source)
    record.meta.record_id = message_id
    record.meta.org_unit_id = unit
    record.meta.event_time.FromDatetime(moment)
    record.meta.accept_time.FromDatetime(moment)
    for names, field in ((identifiers, record.identifiers), (claims, record.unverified)):
        for identifier in names:
            kind_, _, value = identifier.partition(":")
            field.add(type=kind_, scope="wx1" if kind_ == "wechat_openid" else "", value=value)
    object_ = "properties_json" if name else "traits_json"
    setattr(record, object_, json.dumps(data, ensure_ascii=False).encode())
    return record.SerializeToString()


class Profile:
    def __init__(self, database: Database, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> None:
        self.database = database
        self.ciphers = ciphers
        self.workspace_id = workspace_id
        self.clock = clock
        self.declarations = Declarations(clock, compile_schema)
        self.sources = SourceBook(database, LaneGate(1))
        self.handler = IngestCalls(
            ciphers,
            Numbers(database),
            clock,
            parse_phone,
            SettingsInForce(),
            self.declarations,
            self.sources,
        )

    async def take(self, *records: bytes) -> list[profile_events_pb2.ProfileRecord]:
        batch = Batch(self.workspace_id, Source("INGEST", "live", 0), records)
        outgoing = await self.database.run(self.workspace_id, lambda tx: self.handler.apply(tx, batch, None))
        return [profile_events_pb2.ProfileRecord.FromString(r) for o in outgoing for r in o.records]

    async def partition(self) -> set[frozenset[str]]:
        """Who is one person, as sets of identifiers."""
        async with self.database.transaction(self.workspace_id) as tx:
            rows = await tx.fetch(
                "SELECT m.profile_id, array_agg(i.type || ':' || encode(i.value_key, 'escape')) AS ids FROM identifiers i "
                "JOIN memberships m USING (workspace_id, identity_id) GROUP BY 1"
            )
        return {frozenset(r["ids"]) for r in rows}

    async def keys(self, names: Iterable[str]) -> dict[str, UUID]:
        """type:value → identity, of names that are known."""
        wanted = {name: self._key(name) for name in names}
        async with self.database.transaction(self.workspace_id) as tx:
            found = await identifiers.find(tx, list(wanted.values()))
        return {name: found[key].identity_id for name, key in wanted.items() if key in found}

    async def names(self, said: Iterable[Said]) -> set[frozenset[str]]:
        """Who is one person, as the names that records used."""
        identities = await self.keys({n for s in said for n in s.names})
        async with self.database.transaction(self.workspace_id) as tx:
            rows = await tx.fetch("SELECT identity_id, profile_id FROM memberships")
        person_of = {r["identity_id"]: r["profile_id"] for r in rows}
        people: dict[UUID, set[str]] = {}
        for name, identity in identities.items():
            people.setdefault(person_of[identity], set()).add(name)
        return {frozenset(p) for p in people.values()}

    async def doers(self, said: Iterable[Said]) -> dict[str, frozenset[str]]:
        """Message id → the person whose event it is, as names."""
        said = list(said)
        identities = await self.keys({n for s in said for n in s.names})
        names = {identity: name for name, identity in identities.items()}
        people = {n: p for p in await self.names(said) for n in p}
        async with self.database.transaction(self.workspace_id) as tx:
            rows = await tx.fetch("SELECT message_id, identity_id FROM events")
        return {r["message_id"]: people[names[r["identity_id"]]] for r in rows}

    def _key(self, name: str) -> Key:
        kind, _, value = name.partition(":")
        if kind in PERSONAL:
            return kind, "", self.ciphers.of(self.workspace_id).blind_index(kind, value)
        return kind, "wx1" if kind == "wechat_openid" else "", value.encode()


def plain_way(records: Iterable[bytes]) -> Reference:
    """What the calls come to, looked at from the beginning."""
    messages = [ingest_pb2.IngestRecord.FromString(record) for record in records]
    said = [
        Said(
            m.meta.record_id,
            m.meta.event_time.ToMilliseconds(),
            tuple(f"{i.type}:{i.value}" for i in m.identifiers),
        )
        for m in messages
    ]
    return Reference(said={s.message: s for s in said})
