"""An erasure → records of PROFILE."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from waypost.common.v1 import personal_data_pb2, record_pb2
from waypost.profile.v1 import profile_events_pb2 as pb

from profile_service.domain.identity import Member

IN_ONE = 2_000
"""Identities that a record names."""


def erased(erasure_id: UUID, naming: Member, identity_ids: Sequence[UUID], now: datetime) -> list[bytes]:
    records = []
    for start in range(0, len(identity_ids), IN_ONE):
        record = pb.ProfileRecord(
            meta=record_pb2.RecordMeta(record_id=f"erased:{erasure_id}:{start}"),
            person=record_pb2.PersonRef(
                identity_id=str(naming.identity_id),
                profile_id=str(naming.profile_id),
                profile_no=naming.profile_no,
                identity_version=naming.version,
            ),
            erased=personal_data_pb2.PersonErased(
                erasure_id=str(erasure_id), identity_ids=map(str, identity_ids[start : start + IN_ONE])
            ),
        )
        record.meta.event_time.FromDatetime(now)
        record.meta.accept_time.FromDatetime(now)
        records.append(record.SerializeToString())
    return records
