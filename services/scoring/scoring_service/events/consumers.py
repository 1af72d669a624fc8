"""PROFILE records → what we heard → use case. A subject's handler is an entry of HANDLERS."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from chassis.consumer import Batch
from chassis.database import Tx
from chassis.errors import DataError
from chassis.ids import record_uuid
from chassis.outbox import Outgoing
from consents import PERSON, told
from people import Membership
from waypost.profile.v1 import profile_events_pb2

from scoring_service.domain.heard import PROFILING, Correction, Heard, Order
from scoring_service.domain.money import NotAnAmount, amount_minor
from scoring_service.usecases.take_orders import take_orders

ORDER_COMPLETED = "Order Completed"
# A float would turn 19.99 into its nearest neighbour; money keeps the digits that were written.
_properties = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


class ProfileHandler:
    async def prepare(self, batch: Batch) -> None:
        """Nothing remote is asked."""

    async def apply(self, tx: Tx, batch: Batch, prepared: Any) -> list[Outgoing]:
        await take_orders(tx, heard_of(batch.records))
        return []


def heard_of(records: Sequence[bytes]) -> list[Heard]:
    """DataError for a record that can never be understood."""
    return [_heard(profile_events_pb2.ProfileRecord.FromString(raw)) for raw in records]


def _heard(record: Any) -> Heard:
    person = record.person
    memberships = [_membership(person, person.identity_version)]
    kind = record.WhichOneof("fact")
    if kind in ("merged", "split"):
        memberships += [_membership(m, m.version) for m in getattr(record, kind).memberships]
    if kind == "event" and record.event.name == ORDER_COMPLETED:
        return Heard(tuple(memberships), _order(record))
    if kind == "order":
        return Heard(tuple(memberships), corrections=_corrections(record))
    if kind == "consent" and record.consent.HasField("stated"):
        said = told(record.consent.stated)
        about = [e for e in said if e.scope.covers(PROFILING) and e.contact_key == PERSON]
        return Heard(tuple(memberships), consents=about)
    return Heard(tuple(memberships))


def _order(record: Any) -> Order:
    return Order(
        record_uuid(record.meta.record_id, "meta.record_id"),
        record_uuid(record.person.identity_id, "identity_id"),
        _ms(record.meta.event_time),
        _amount(record.event.properties_json),
    )


def _corrections(record: Any) -> tuple[Correction, ...]:
    identity_id = record_uuid(record.person.identity_id, "identity_id")
    return tuple(
        Correction(
            record_uuid(entry.event_id, "entries.event_id"),
            identity_id,
            _ms(entry.order_time),
            entry.amount_minor,
            entry.counts,
            record.order.version,
        )
        for entry in record.order.entries
    )


def _ms(time: Any) -> int:
    return int(time.seconds) * 1000 + int(time.nanos) // 1_000_000


def _amount(properties_json: bytes) -> int:
    try:
        return amount_minor(_properties.decode(properties_json))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError("PROPERTIES_INVALID", "properties_json is not a JSON object") from error
    except NotAnAmount as error:
        raise DataError("AMOUNT_INVALID", str(error)) from error


def _membership(source: Any, version: int) -> Membership:
    return Membership(
        record_uuid(source.identity_id, "identity_id"),
        record_uuid(source.profile_id, "profile_id"),
        source.profile_no,
        version,
    )


HANDLERS = {"PROFILE": ProfileHandler}
