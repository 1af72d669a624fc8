"""Changes → SEGMENT records.

`person` names the one who entered or left by its naming identity, with who that identity is now: after a merge
identity_id is the person that left, profile_id the one it went into.
"""

from collections.abc import Iterable

from waypost.common.v1 import record_pb2
from waypost.segment.v1 import segment_events_pb2

from segment_service.domain.membership import Change
from segment_service.naming import record_id_of


def records_of(changes: Iterable[Change]) -> list[bytes]:
    return [_record(change).SerializeToString() for change in changes]


def _record(change: Change) -> segment_events_pb2.SegmentRecord:
    record = segment_events_pb2.SegmentRecord(meta=_meta(change), person=_person(change))
    if change.kind == "entered":
        record.entered.segment_id = change.segment_id
        record.entered.segment_version = change.segment_version
    else:
        record.left.segment_id = change.segment_id
        record.left.segment_version = change.segment_version
        record.left.reason = change.reason
    return record


def _meta(change: Change) -> record_pb2.RecordMeta:
    cause = change.cause
    meta = record_pb2.RecordMeta(
        record_id=str(record_id_of(change)),
        historical=change.historical,
        traceparent=cause.traceparent,
        org_unit_id=cause.org_unit_id,
    )
    meta.event_time.FromMilliseconds(cause.event_ms)
    meta.accept_time.FromMilliseconds(cause.accept_ms)
    return meta


def _person(change: Change) -> record_pb2.PersonRef:
    return record_pb2.PersonRef(
        identity_id=str(change.person.identity_id),
        profile_id=str(change.person.profile_id),
        profile_no=change.person.profile_no,
        identity_version=change.person.version,
    )
