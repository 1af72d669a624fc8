"""What recipients said with a message itself → records."""

from datetime import datetime

from waypost.dispatch.v1 import message_events_pb2

from dispatch_service.store.suppressions import Closed, ClosedByReply

PURPOSE = "marketing"
"""What a recipient stops with a message: a complaint is no word about orders."""


def opt_out_record(closed: Closed, now: datetime) -> bytes:
    record = message_events_pb2.MessageRecord(message_id=str(closed.message_id), channel=closed.channel)
    record.opted_out.contact_key = closed.contact_key.hex()
    record.opted_out.purpose = PURPOSE
    record.opted_out.reason = closed.reason
    record.meta.record_id = f"{closed.message_id}:{closed.reason}:{int(now.timestamp() * 1000)}"
    record.meta.event_time.FromDatetime(now)
    record.meta.accept_time.FromDatetime(now)
    record.person.identity_id = str(closed.identity_id)
    record.person.profile_id = str(closed.profile_id)
    record.person.profile_no = closed.profile_no
    record.person.identity_version = closed.identity_version
    return bytes(record.SerializeToString())


def reply_record(closed: ClosedByReply, now: datetime) -> bytes:
    """Without a person: profile knows whose address it is."""
    record = message_events_pb2.MessageRecord(message_id=str(closed.reply_id), channel=closed.channel)
    record.opted_out.contact_key = closed.contact_key.hex()
    record.opted_out.purpose = PURPOSE
    record.opted_out.reason = closed.reason
    record.meta.record_id = f"{closed.reply_id}:{closed.reason}"
    record.meta.event_time.FromDatetime(closed.said_at)
    record.meta.accept_time.FromDatetime(now)
    return bytes(record.SerializeToString())
