"""PROFILE records → what we heard → use case. A subject's handler is an entry of HANDLERS."""

from collections.abc import Sequence
from typing import Any

import msgspec
from chassis.consumer import Batch
from chassis.database import Tx
from chassis.errors import DataError
from chassis.ids import record_uuid
from chassis.outbox import Outgoing
from consents import told
from people import Membership
from waypost.common.v1 import record_pb2
from waypost.profile.v1 import profile_events_pb2

from segment_service.domain.heard import Cause, ConsentFact, EventFact, EventMoved, Fact, Heard, TraitsFact
from segment_service.events.published import records_of
from segment_service.usecases.keep_current import KeepCurrent


class ProfileHandler:
    def __init__(self, keep_current: KeepCurrent) -> None:
        self._keep_current = keep_current

    async def prepare(self, batch: Batch) -> list[Heard] | None:
        """Nothing remote is asked."""
        return None

    async def apply(self, tx: Tx, batch: Batch, prepared: Any) -> list[Outgoing]:
        changes = await self._keep_current(tx, heard_of(batch.records))
        return [Outgoing("SEGMENT", records_of(changes))] if changes else []


def heard_of(records: Sequence[bytes]) -> list[Heard]:
    """DataError for a record that can never be understood."""
    return [_heard(profile_events_pb2.ProfileRecord.FromString(raw)) for raw in records]


def _heard(record: Any) -> Heard:
    person = record.person
    memberships: tuple[Membership, ...] = (_membership(person, person.identity_version),)
    kind = record.WhichOneof("fact")
    if kind in ("merged", "split"):
        memberships += tuple(_membership(m, m.version) for m in getattr(record, kind).memberships)
    return Heard(cause_of(record.meta), memberships, _fact(kind, record))


def cause_of(meta: record_pb2.RecordMeta) -> Cause:
    return Cause(
        meta.record_id,
        _ms(meta.event_time),
        _ms(meta.accept_time),
        meta.historical,
        meta.traceparent,
        meta.org_unit_id,
    )


def _fact(kind: str | None, record: Any) -> Fact | None:
    if kind == "event":
        return EventFact(record_uuid(record.meta.record_id, "meta.record_id"), record.event.name)
    if kind == "event_moved":
        moved = record.event_moved
        return EventMoved(
            record_uuid(record.meta.record_id, "meta.record_id"),
            moved.name,
            record_uuid(moved.from_identity_id, "from_identity_id"),
        )
    if kind == "consent":
        return ConsentFact(told(record.consent.stated)) if record.consent.HasField("stated") else None
    if kind == "traits":
        try:
            values = msgspec.json.decode(record.traits.traits_json, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DataError("TRAITS_INVALID", "traits_json is not a JSON object") from error
        return TraitsFact(values, record.traits.rank, frozenset(record.traits.keep_all))
    return None


def _membership(source: Any, version: int) -> Membership:
    return Membership(
        record_uuid(source.identity_id, "identity_id"),
        record_uuid(source.profile_id, "profile_id"),
        source.profile_no,
        version,
    )


def _ms(time: Any) -> int:
    """Milliseconds since 1970 of a protobuf timestamp, rounded down."""
    return int(time.seconds) * 1000 + int(time.nanos) // 1_000_000


HANDLERS = {"PROFILE": ProfileHandler}
