"""Profile's ingestion on a real database, fed batches as its consumer would be."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chassis.bus import Source
from chassis.clock import ManualClock
from chassis.consumer import Batch
from chassis.crypto import Ciphers
from chassis.database import Database
from profile_service.phones import parse_phone
from profile_service.store.numbers import Numbers
from profile_service.usecases.ingest_calls import IngestCalls
from waypost.profile.v1 import ingest_pb2, profile_events_pb2

START = datetime(2026, 10, 1, tzinfo=UTC)


def call(
    message_id: str, *identifiers: str, name: str = "", at: int = 0, unit: str = "", **data: object
) -> bytes:
    """`identifiers` are written type:value."""
    kind = ingest_pb2.INGEST_KIND_TRACK if name else ingest_pb2.INGEST_KIND_IDENTIFY
    record = ingest_pb2.IngestRecord(kind=kind, name=name)
    record.meta.record_id = message_id
    record.meta.org_unit_id = unit
    record.meta.event_time.FromDatetime(START + timedelta(minutes=at))
    record.meta.accept_time.FromDatetime(START + timedelta(minutes=at))
    for identifier in identifiers:
        kind_, _, value = identifier.partition(":")
        record.identifiers.add(type=kind_, scope="wx1" if kind_ == "wechat_openid" else "", value=value)
    field = "properties_json" if name else "traits_json"
    setattr(record, field, json.dumps(data, ensure_ascii=False).encode())
    return record.SerializeToString()


class Profile:
    def __init__(self, database: Database, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> None:
        self.database = database
        self.ciphers = ciphers
        self.workspace_id = workspace_id
        self.clock = clock
        self.handler = IngestCalls(ciphers, Numbers(database), clock, parse_phone)

    async def take(self, *records: bytes) -> list[profile_events_pb2.ProfileRecord]:
        batch = Batch(self.workspace_id, Source("INGEST", "live", 0), records)
        outgoing = await self.database.run(self.workspace_id, lambda tx: self.handler.apply(tx, batch, None))
        return [profile_events_pb2.ProfileRecord.FromString(r) for o in outgoing for r in o.records]

    async def partition(self) -> set[frozenset[str]]:
        """Who is one person, as sets of identifiers."""
        async with self.database.transaction(self.workspace_id) as tx:
            rows = await tx.fetch(
                "SELECT m.profile_id, array_agg(i.type || ':' || encode(i.value_key, 'hex')) AS ids FROM identifiers i "
                "JOIN memberships m USING (workspace_id, identity_id) GROUP BY 1"
            )
        return {frozenset(r["ids"]) for r in rows}


def components(records: Iterable[bytes]) -> set[frozenset[str]]:
    """Who should be one person: the connected components of what the calls say."""
    groups: list[set[str]] = []
    for record in records:
        message = ingest_pb2.IngestRecord.FromString(record)
        mine = {f"{i.type}:{i.value.encode().hex()}" for i in message.identifiers}
        touching = [g for g in groups if g & mine]
        groups = [g for g in groups if not g & mine] + [mine.union(*touching)]
    return {frozenset(g) for g in groups}
