"""Domain events → records."""

from datetime import datetime
from typing import Any

from waypost.dispatch.v1 import message_events_pb2

from dispatch_service.domain.messages import MessageState
from dispatch_service.domain.settlement import Change

STATES: dict[MessageState, Any] = {
    state: message_events_pb2.MessageState.Value(f"MESSAGE_STATE_{state.name}") for state in MessageState
}


def message_record(change: Change, now: datetime) -> bytes:
    """The record of a message that reached a new state. A state is reached once, so its id is unique."""
    assert change.state is not None
    intention = change.standing.intention
    record = message_events_pb2.MessageRecord(
        message_id=str(intention.message_id),
        intention_key=intention.key,
        channel=intention.channel,
        journey_id=intention.journey_id,
        node_id=intention.node_id,
        run_id=intention.run_id,
        run_sequence=intention.run_sequence,
        state=STATES[change.state],
        reason=change.reason,
    )
    record.meta.record_id = f"{intention.message_id}:{change.state}"
    record.meta.event_time.FromDatetime(now)
    record.meta.accept_time.FromDatetime(now)
    record.meta.historical = intention.historical
    record.meta.traceparent = intention.traceparent
    record.person.identity_id = str(intention.identity_id)
    record.person.profile_id = str(intention.profile_id)
    record.person.profile_no = intention.profile_no
    record.person.identity_version = intention.identity_version
    return bytes(record.SerializeToString())
