"""PROFILE, for a service that holds something of people: erases whom it is told of, and lets nothing of them back in."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from waypost.common.v1 import personal_data_pb2 as pb

from chassis import workspace_lock
from chassis.clock import Clock
from chassis.database import Tx
from chassis.handling import Batch, Handler
from chassis.ids import record_uuid
from chassis.outbox import Outgoing
from chassis.personal_data import holdings, store
from chassis.personal_data.holdings import Holding

_MARK = b"\x9a\x01"
"""How field 19, `erased`, begins. Nearly no record has it: those without are not decoded."""


class Forgetting:
    """Around the handler behind PROFILE. A record of somebody erased, from a partition or a lane that lags behind, does
    not reach that handler. The consumer opens with `workspace_lock.shared`."""

    def __init__(self, handler: Handler, held: Sequence[Holding], clock: Clock) -> None:
        self._handler = handler
        self._held = held
        self._clock = clock

    async def prepare(self, batch: Batch) -> Any:
        return await self._handler.prepare(batch)

    async def apply(self, tx: Tx, batch: Batch, prepared: Any) -> list[Outgoing]:
        told = [pb.PersonRecordHead.FromString(raw) for raw in batch.records if _MARK in raw]
        erasures = [head.erased for head in told if head.HasField("erased")]
        if erasures:
            # Whoever stores something and has not heard of it has ended before, and is seen by what erases.
            await workspace_lock.take_alone(tx)
        for erased in erasures:
            ids = [record_uuid(i, "identity_ids") for i in erased.identity_ids]
            counts = await holdings.erase(tx, self._held, ids)
            await store.note(tx, record_uuid(erased.erasure_id, "erasure_id"), ids, counts, self._clock.now())
        records = await living(tx, batch.records) if await store.any_erased(tx) else batch.records
        return await self._handler.apply(tx, Batch(batch.workspace_id, batch.source, records), prepared)


async def living(tx: Tx, records: Sequence[bytes]) -> list[bytes]:
    """Those of the records that are not of somebody erased."""
    about = [pb.PersonRecordHead.FromString(raw).person.identity_id for raw in records]
    erased = await store.erased_among(tx, {record_uuid(i, "identity_id") for i in about if i})
    return [raw for raw, i in zip(records, about, strict=True) if not _is_one_of(i, erased)]


def _is_one_of(identity_id: str, erased: Collection[UUID]) -> bool:
    return bool(identity_id) and record_uuid(identity_id, "identity_id") in erased
