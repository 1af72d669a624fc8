"""PROFILE → what holds for subjects of consents, so that a withdrawal counts here however it came about."""

from uuid import UUID

from chassis.clock import Clock
from chassis.consumer import Batch
from chassis.database import Tx
from chassis.ids import record_uuid
from chassis.outbox import Outgoing
from waypost.profile.v1 import consent_pb2, profile_events_pb2

from dispatch_service.store import consent_states
from dispatch_service.store.consent_states import SubjectState

_MARK = b"\x82\x01"
"""How field 16, `consent`, begins. Nearly all records are events: those without it are not decoded."""


class HearConsents:
    """The handler behind PROFILE."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def prepare(self, batch: Batch) -> None:
        return None

    async def apply(self, tx: Tx, batch: Batch, prepared: None) -> list[Outgoing]:
        records = [profile_events_pb2.ProfileRecord.FromString(raw) for raw in batch.records if _MARK in raw]
        stated = [r.consent.stated for r in records if r.consent.HasField("stated")]
        states = [state for fact in stated for state in map(state_of, fact.subjects)]
        await consent_states.apply(tx, states, self._clock.now())
        if closed := [_closed(fact) for fact in stated if fact.message_id]:
            await consent_states.take_over(tx, closed)
        return []


def state_of(told: consent_pb2.SubjectState) -> SubjectState:
    return SubjectState(told.channel, bytes.fromhex(told.subject), told.purpose, told.refusal, told.version)


def _closed(fact: profile_events_pb2.ConsentStated) -> tuple[str, bytes, UUID]:
    return fact.scope.channel, bytes.fromhex(fact.contact_key), record_uuid(fact.message_id, "message_id")
