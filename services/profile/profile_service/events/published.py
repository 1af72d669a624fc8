"""Domain facts → records of PROFILE."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from chassis.clock import to_ms
from google.protobuf.timestamp_pb2 import Timestamp
from waypost.common.v1 import record_pb2
from waypost.profile.v1 import profile_events_pb2 as pb

from profile_service.domain.calls import Call
from profile_service.domain.identity import Member, Merge
from profile_service.domain.orders import Order


@dataclass(frozen=True, slots=True)
class Merged:
    merge_id: UUID
    merge: Merge
    memberships: Sequence[Member]
    cause: Call


def event(call: Call, event_id: UUID, member: Member) -> bytes:
    record = pb.ProfileRecord(
        meta=_meta(call, str(event_id)),
        person=_person(member),
        event=pb.EventRecorded(name=call.event_name, properties_json=call.properties),
    )
    return bytes(record.SerializeToString())


def traits(call: Call, member: Member, rank: int = 0, keep_all: Collection[str] = ()) -> bytes:
    """`rank`: of the call's source; `keep_all`: traits that keep their other values."""
    record = pb.ProfileRecord(
        meta=_meta(call, f"traits:{call.message_id}"),
        person=_person(member),
        traits=pb.TraitsChanged(
            traits_json=msgspec.json.encode(call.traits),
            rank=rank,
            source=call.source,
            keep_all=[name for name in call.traits if name in keep_all] if keep_all else None,
        ),
    )
    return bytes(record.SerializeToString())


class Entry(NamedTuple):
    """What an event that placed an order counts for now."""

    event_id: UUID
    at: datetime
    amount_minor: int
    counts: bool


def order(told: Order, entries: Sequence[Entry], version: int, cause: Call, member: Member) -> bytes:
    return _order(told, entries, version, _meta(cause, f"order:{version}"), member)


def order_found(told: Order, entries: Sequence[Entry], version: int, now: datetime, member: Member) -> bytes:
    """What was said of it under another identity of the person has been found: history, and no news."""
    meta = record_pb2.RecordMeta(
        record_id=f"order:{version}",
        event_time=_timestamp(told.ordered_at),
        accept_time=_timestamp(now),
        historical=True,
    )
    return _order(told, entries, version, meta, member)


def _order(
    told: Order, entries: Sequence[Entry], version: int, meta: record_pb2.RecordMeta, member: Member
) -> bytes:
    record = pb.ProfileRecord(
        meta=meta,
        person=_person(member),
        order=pb.OrderChanged(
            order_id=told.order_id,
            state=told.state,
            net_minor=told.net_minor,
            currency=told.currency,
            version=version,
            entries=[
                pb.OrderEntry(
                    event_id=str(e.event_id),
                    order_time=_timestamp(e.at),
                    amount_minor=e.amount_minor,
                    counts=e.counts,
                )
                for e in entries
            ],
        ),
    )
    return bytes(record.SerializeToString())


def merged(done: Merged) -> bytes:
    winner = done.merge
    newest = max(done.memberships, key=lambda m: m.version)
    record = pb.ProfileRecord(
        meta=_meta(done.cause, f"merge:{done.merge_id}"),
        person=record_pb2.PersonRef(
            identity_id=str(newest.identity_id),
            profile_id=str(winner.winner_id),
            profile_no=winner.winner_no,
            identity_version=newest.version,
        ),
        merged=pb.ProfilesMerged(
            merge_id=str(done.merge_id),
            merged_profile_ids=[str(p) for p in winner.loser_ids],
            memberships=[
                pb.Membership(
                    identity_id=str(m.identity_id),
                    profile_id=str(m.profile_id),
                    profile_no=m.profile_no,
                    version=m.version,
                )
                for m in done.memberships
            ],
        ),
    )
    return bytes(record.SerializeToString())


def _person(member: Member) -> record_pb2.PersonRef:
    return record_pb2.PersonRef(
        identity_id=str(member.identity_id),
        profile_id=str(member.profile_id),
        profile_no=member.profile_no,
        identity_version=member.version,
    )


def _meta(call: Call, record_id: str) -> record_pb2.RecordMeta:
    return record_pb2.RecordMeta(
        record_id=record_id,
        event_time=_timestamp(call.event_time),
        accept_time=_timestamp(call.accept_time),
        historical=call.historical,
        traceparent=call.traceparent,
        org_unit_id=call.org_unit_id,
    )


def _timestamp(moment: datetime) -> Timestamp:
    """Calls hold whole milliseconds; protobuf's own FromDatetime takes four times as long."""
    seconds, ms = divmod(to_ms(moment), 1000)
    return Timestamp(seconds=seconds, nanos=ms * 1_000_000)
