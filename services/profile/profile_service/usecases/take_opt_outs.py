"""MESSAGE → the ledger: what recipients said with a message itself, by its link, a complaint or a reply."""

from collections.abc import Sequence
from uuid import UUID

from chassis.clock import Clock, from_ms, to_ms
from chassis.consumer import Batch
from chassis.database import Tx
from chassis.ids import record_uuid, timed_id
from chassis.outbox import Outgoing
from consents import Scope
from waypost.dispatch.v1 import message_events_pb2

from profile_service.events import published_consents
from profile_service.store import consents
from profile_service.store.consents import NewEntry
from profile_service.usecases.record_consents import Statement, record_consents

_MARK = b"\xa2\x01"
"""How field 20, `opted_out`, begins. Nearly all records are outcomes: those without it are not decoded."""


class TakeOptOuts:
    """The handler behind MESSAGE."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def prepare(self, batch: Batch) -> None:
        return None

    async def apply(self, tx: Tx, batch: Batch, prepared: None) -> list[Outgoing]:
        found = [message_events_pb2.MessageRecord.FromString(raw) for raw in batch.records if _MARK in raw]
        said = await _statements(tx, [record for record in found if record.HasField("opted_out")])
        if not said:
            return []
        now = self._clock.now()
        recorded = await record_consents(tx, said, now)
        return [Outgoing("PROFILE", [published_consents.stated(one, now) for one in recorded])]


async def _statements(tx: Tx, records: Sequence[message_events_pb2.MessageRecord]) -> list[Statement]:
    """Of a reply only the address is known: it is of whoever had that last. If nobody has, dispatch keeps it closed."""
    replied = {bytes.fromhex(r.opted_out.contact_key) for r in records if not r.person.identity_id}
    holders = await consents.last_holders(tx, replied) if replied else {}
    said = []
    for record in records:
        identity_id = (
            record_uuid(record.person.identity_id, "identity_id")
            if record.person.identity_id
            else holders.get(bytes.fromhex(record.opted_out.contact_key))
        )
        if identity_id is not None:
            said.append(_statement(record, identity_id))
    return said


def _statement(record: message_events_pb2.MessageRecord, identity_id: UUID) -> Statement:
    opted_out, at = record.opted_out, from_ms(record.meta.event_time.ToMilliseconds())
    entry = NewEntry(
        consent_id=timed_id(to_ms(at), record.message_id, "opted_out"),
        contact_key=bytes.fromhex(opted_out.contact_key),
        scope=Scope(record.channel, opted_out.purpose),
        withdrawn=True,
        legal_basis="",
        text_version="",
        source=opted_out.reason,
        sealed_proof=None,
        recorded_by="",
    )
    return Statement(identity_id, entry, record.message_id)
