"""A scoring service on a real database, fed batches as its consumer would be; and records to feed it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from chassis.bus import Source
from chassis.consumer import Batch
from chassis.database import Database, Tx
from chassis.ids import derived_id
from scoring_service.domain.model import MODELS
from scoring_service.events.consumers import ProfileHandler
from scoring_service.store import rfm
from scoring_service.usecases.compute_rfm import Snapshot, compute_rfm
from waypost.profile.v1 import consent_pb2, profile_events_pb2

MODEL = MODELS["default"]


def identity(n: int) -> UUID:
    return derived_id("identity", str(n))


def about(n: int, person: int, version: int, record_id: UUID, at_ms: int) -> Any:
    record = profile_events_pb2.ProfileRecord()
    record.meta.record_id = str(record_id)
    record.meta.event_time.FromMilliseconds(at_ms)
    record.person.identity_id = str(identity(n))
    record.person.profile_id = str(identity(person))
    record.person.profile_no = person
    record.person.identity_version = version
    return record


def ordered(n: int, person: int, version: int, record_id: UUID, at_ms: int, total: Any) -> bytes:
    record = about(n, person, version, record_id, at_ms)
    record.event.name = "Order Completed"
    record.event.properties_json = msgspec.json.encode({"order_id": str(record_id), "total": total})
    return record.SerializeToString()


def corrected(
    n: int, person: int, version_of: int, event_id: UUID, at_ms: int, minor: int, counts: bool, version: int
) -> bytes:
    record = about(n, person, version_of, derived_id("correction", str(version)), at_ms)
    record.order.version = version
    entry = record.order.entries.add(event_id=str(event_id), amount_minor=minor, counts=counts)
    entry.order_time.FromMilliseconds(at_ms)
    return record.SerializeToString()


def merged(into: int, moved: Sequence[tuple[int, int]], record_id: UUID, at_ms: int, version: int) -> bytes:
    """`moved`: (identity, its new version)."""
    record = about(into, into, version, record_id, at_ms)
    for n, newer in moved:
        record.merged.memberships.add(
            identity_id=str(identity(n)), profile_id=str(identity(into)), profile_no=into, version=newer
        )
    return record.SerializeToString()


def stated(
    n: int, person: int, version: int, order: int, withdrawn: bool, *identities: int, **scope: str
) -> bytes:
    """What the person said for all these identities; of two the higher `order` is the newer."""
    record = about(n, person, version, derived_id("consent", str(order)), order)
    fact = record.consent.stated
    fact.consent_id = str(UUID(int=order))
    fact.state = consent_pb2.CONSENT_STATE_WITHDRAWN if withdrawn else consent_pb2.CONSENT_STATE_GRANTED
    fact.scope.CopyFrom(consent_pb2.ConsentScope(**scope))
    fact.identity_ids.extend(str(identity(i)) for i in identities)
    return record.SerializeToString()


class Harness:
    def __init__(self, database: Database, workspace_id: UUID, page: int = 7) -> None:
        self.database = database
        self.workspace_id = workspace_id
        self.page = page

    async def take(self, records: Sequence[bytes]) -> None:
        batch = Batch(self.workspace_id, Source("PROFILE", "live", 0), records)

        async def work(tx: Tx) -> None:
            assert await ProfileHandler().apply(tx, batch, None) == []

        await self.database.run(self.workspace_id, work)

    async def compute(self, as_of: datetime) -> Snapshot:
        snapshot = await compute_rfm(self.database, self.workspace_id, MODEL, as_of, self.page)

        async def work(tx: Tx) -> None:
            await rfm.replace(tx, MODEL, as_of, snapshot.orders.people, snapshot.scores, snapshot.summary)

        await self.database.run(self.workspace_id, work)
        return snapshot

    async def scores(self) -> dict[UUID, tuple[int, int, int, str]]:
        found = await self.rows('SELECT profile_id, r, f, m, "group" FROM rfm_scores')
        assert len({row[0] for row in found}) == len(found)
        return {row[0]: row[1:] for row in found}

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self.database.transaction(self.workspace_id) as tx:
            return [tuple(r) for r in await tx.fetch(query)]
