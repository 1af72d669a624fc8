"""Domain facts → records of PROFILE."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID

import msgspec
from chassis.clock import to_ms
from google.protobuf.timestamp_pb2 import Timestamp
from waypost.common.v1 import record_pb2
from waypost.profile.v1 import profile_events_pb2 as pb

from profile_service.domain.calls import Call
from profile_service.domain.identity import Member
from profile_service.domain.orders import Order
from profile_service.usecases.apply_plan import Applied


class Cause(Protocol):
    """What a record takes over from what caused it; a Call is one."""

    @property
    def event_time(self) -> datetime: ...
    @property
    def accept_time(self) -> datetime: ...
    @property
    def historical(self) -> bool: ...
    @property
    def traceparent(self) -> str: ...
    @property
    def org_unit_id(self) -> str: ...


class ByHand(NamedTuple):
    """Somebody decided it."""

    event_time: datetime
    accept_time: datetime
    historical: bool = False
    traceparent: str = ""
    org_unit_id: str = ""


def event(call: Call, event_id: UUID, member: Member) -> bytes:
    record = pb.ProfileRecord(
        meta=_meta(call, str(event_id)),
        person=_person(member),
        event=pb.EventRecorded(name=call.event_name, properties_json=call.properties),
    )
    return bytes(record.SerializeToString())


def traits(call: Call, member: Member) -> bytes:
    record = pb.ProfileRecord(
        meta=_meta(call, f"traits:{call.message_id}"),
        person=_person(member),
        traits=pb.TraitsChanged(traits_json=msgspec.json.encode(call.traits)),
    )
    return bytes(record.SerializeToString())


class Entry(NamedTuple):
    """What an event that placed an order counts for now."""

    event_id: UUID
    at: datetime
    amount_minor: int
    counts: bool


def order(told: Order, entries: Sequence[Entry], version: int, cause: Call, member: Member) -> bytes:
    record = pb.ProfileRecord(
        meta=_meta(cause, f"order:{version}"),
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


def moves(applied: Applied, causes: Mapping[str, Cause], other: Cause) -> list[bytes]:
    """Merges, splits and events that changed hands. `causes` by message id; `other` for what none of them caused."""
    records = []
    for split_id, split, members in applied.splits:
        fact = pb.ProfileSplit(
            split_id=str(split_id), from_profile_id=str(split.from_id), memberships=_memberships(members)
        )
        records.append(
            pb.ProfileRecord(
                meta=_meta(other, f"split:{split_id}"),
                person=_newest(members, split.to_id, split.to_no),
                split=fact,
            )
        )
    for merge_id, merge, members in applied.merges:
        merged = pb.ProfilesMerged(
            merge_id=str(merge_id),
            merged_profile_ids=[str(p) for p in merge.loser_ids],
            memberships=_memberships(members),
        )
        records.append(
            pb.ProfileRecord(
                meta=_meta(causes.get(merge.message_id, other), f"merge:{merge_id}"),
                person=_newest(members, merge.winner_id, merge.winner_no),
                merged=merged,
            )
        )
    for row in applied.events:
        cause = ByHand(row["event_time"], row["accept_time"], historical=True)
        records.append(
            pb.ProfileRecord(
                meta=_meta(cause, str(row["event_id"])),
                person=_person(applied.owners[row["new"]]),
                event_moved=pb.EventMoved(name=row["name"], from_identity_id=str(row["old"])),
            )
        )
    return [bytes(record.SerializeToString()) for record in records]


def _memberships(members: Iterable[Member]) -> list[pb.Membership]:
    return [
        pb.Membership(
            identity_id=str(m.identity_id),
            profile_id=str(m.profile_id),
            profile_no=m.profile_no,
            version=m.version,
        )
        for m in members
    ]


def _newest(members: Sequence[Member], profile_id: UUID, profile_no: int) -> record_pb2.PersonRef:
    newest = max(members, key=lambda m: m.version)
    return record_pb2.PersonRef(
        identity_id=str(newest.identity_id),
        profile_id=str(profile_id),
        profile_no=profile_no,
        identity_version=newest.version,
    )


def _person(member: Member) -> record_pb2.PersonRef:
    return record_pb2.PersonRef(
        identity_id=str(member.identity_id),
        profile_id=str(member.profile_id),
        profile_no=member.profile_no,
        identity_version=member.version,
    )


def _meta(call: Cause, record_id: str) -> record_pb2.RecordMeta:
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
