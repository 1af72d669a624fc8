"""Relations → records of PROFILE."""

from datetime import datetime

from chassis import tracing
from waypost.common.v1 import record_pb2
from waypost.profile.v1 import profile_events_pb2 as pb

from profile_service.domain.identity import Member
from profile_service.store.relations import Relation


def relation_changed(relation: Relation, member: Member, org_unit_id: str, now: datetime) -> bytes:
    """`member`: the identity it was made with."""
    record = pb.ProfileRecord(
        meta=record_pb2.RecordMeta(
            record_id=f"relation:{relation.relation_id}:{relation.version}",
            traceparent=tracing.traceparent() or "",
            org_unit_id=org_unit_id,
        ),
        person=record_pb2.PersonRef(
            identity_id=str(relation.identity_id),
            profile_id=str(member.profile_id),
            profile_no=member.profile_no,
            identity_version=member.version,
        ),
        relation=pb.RelationChanged(
            relation_id=str(relation.relation_id),
            staff_id=relation.staff_id,
            kind=relation.kind,
            ended_by=relation.ended_by,
            end_reason=relation.end_reason,
            transferred_to=relation.transferred_to,
            org_unit_id=org_unit_id,
            version=relation.version,
        ),
    )
    record.meta.event_time.FromDatetime(relation.ended_at or relation.started_at)
    record.meta.accept_time.FromDatetime(now)
    record.relation.start_time.FromDatetime(relation.started_at)
    if relation.ended_at is not None:
        record.relation.end_time.FromDatetime(relation.ended_at)
    return bytes(record.SerializeToString())
