"""Subject → use case."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import msgspec
from chassis.clock import Clock
from chassis.consumer import Batch
from chassis.database import Tx
from chassis.errors import DataError
from chassis.ids import bucket_of, derived_id, record_uuid
from chassis.outbox import Outgoing
from chassis.personal_data import store as erasures
from waypost.dispatch.v1 import intention_pb2

from dispatch_service.domain.messages import Account, Intention
from dispatch_service.events.published import message_record
from dispatch_service.usecases.store_intentions import StoreIntentions
from dispatch_service.usecases.wake import Wake

WITHOUT_END = timedelta(hours=24)
"""After this an intention that does not say how long it is good for is refused."""


class SendHandler:
    """SEND: stores and queues; the sender does the rest."""

    def __init__(self, store: StoreIntentions, clock: Clock, wake: Wake) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake
        self._stored: dict[asyncio.Task[Any] | None, set[Account]] = {}

    async def prepare(self, batch: Batch) -> Any:
        return None

    async def apply(self, tx: Tx, batch: Batch, prepared: Any) -> list[Outgoing]:
        intentions = {
            one.message_id: one for one in (self._intention(tx.workspace_id, raw) for raw in batch.records)
        }
        wanted = await _without_erased(tx, list(intentions.values()))
        accounts, refused, now = await self._store(tx, wanted, bulk=batch.source.lane == "bulk")
        # A batch is applied and committed by one task, so the task tells which accounts a commit was about.
        self._stored.setdefault(asyncio.current_task(), set()).update(accounts)
        if not refused:
            return []
        return [Outgoing("MESSAGE", [message_record(change, now) for change in refused])]

    def committed(self) -> None:
        self._wake.now(self._stored.pop(asyncio.current_task(), ()))

    def _intention(self, workspace_id: UUID, raw: bytes) -> Intention:
        record = intention_pb2.IntentionRecord.FromString(raw)
        key = record.meta.record_id
        if not key:
            raise DataError("key_missing", "an intention without a record_id")
        message_id = derived_id(str(workspace_id), "message", key)
        not_after = (
            record.not_after_time.ToDatetime(UTC)
            if record.HasField("not_after_time")
            else self._clock.now() + WITHOUT_END
        )
        return Intention(
            bucket=bucket_of(message_id),
            message_id=message_id,
            key=key,
            identity_id=record_uuid(record.person.identity_id, "identity_id"),
            profile_id=record_uuid(record.person.profile_id, "profile_id"),
            profile_no=record.person.profile_no,
            identity_version=record.person.identity_version,
            channel=record.channel,
            content_id=record.content_id,
            purpose=record.purpose,
            variables=_variables(record.variables_json),
            not_after=not_after,
            journey_id=record.journey_id,
            node_id=record.node_id,
            run_id=record.run_id,
            run_sequence=record.run_sequence,
            trigger_id=record.trigger_id,
            historical=record.meta.historical,
            traceparent=record.meta.traceparent,
            topic=record.topic,
            org_unit_id=record.org_unit_id,
        )


async def _without_erased(tx: Tx, intentions: Sequence[Intention]) -> list[Intention]:
    """An intention for somebody erased is counted, and refused when its address is asked for: what it says is not
    stored."""
    if not await erasures.any_erased(tx):
        return list(intentions)
    erased = await erasures.erased_among(tx, {one.identity_id for one in intentions})
    return [replace(one, variables={}) if one.identity_id in erased else one for one in intentions]


def _variables(raw: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(raw or b"{}", type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise DataError("variables_invalid", "variables_json is not a JSON object") from error
