"""Domain facts → records of PROFILE."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

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
    def at(self) -> int: ...
    @property
    def accepted(self) -> int: ...
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

    @property
    def at(self) -> int:
        return to_ms(self.event_time)

    @property
    def accepted(self) -> int:
        return to_ms(self.accept_time)


def event(call: Call, event_id: UUID, member: Member) -> bytes:
    record = _record(call, str(event_id), member)
    record.event.name = call.event_name
    record.event.properties_json = call.properties
    return bytes(record.SerializeToString())


def traits(call: Call, member: Member, rank: int = 0, keep_all: Collection[str] = ()) -> bytes:
    """`rank`: of the call's source; `keep_all`: traits that keep their other values."""
    record = _record(call, f"traits:{call.message_id}", member)
    told = record.traits
    told.traits_json = call.traits_json
    told.rank = rank
    told.source = call.source
    if keep_all:
        told.keep_all.extend(name for name in call.traits if name in keep_all)
    return bytes(record.SerializeToString())


class Entry(NamedTuple):
    """What an event that placed an order counts for now."""

    event_id: UUID
    at: datetime
    amount_minor: int
    counts: bool


def order(told: Order, entries: Sequence[Entry], version: int, cause: Call, member: Member) -> bytes:
    return _order(_record(cause, f"order:{version}", member), told, entries, version)


def order_found(told: Order, entries: Sequence[Entry], version: int, now: datetime, member: Member) -> bytes:
    """What was said of it under another identity of the person has been found: history, and no news."""
    cause = ByHand(told.ordered_at, now, historical=True)
    return order(told, entries, version, cause, member)


def _order(record: pb.ProfileRecord, told: Order, entries: Sequence[Entry], version: int) -> bytes:
    fact = record.order
    fact.order_id = told.order_id
    fact.state = told.state
    fact.net_minor = told.net_minor
    fact.currency = told.currency
    fact.version = version
    for one in entries:
        entry = fact.entries.add(event_id=str(one.event_id), amount_minor=one.amount_minor, counts=one.counts)
        _set_time(entry.order_time, to_ms(one.at))
    return bytes(record.SerializeToString())


def moves(applied: Applied, causes: Mapping[str, Cause], other: Cause) -> list[bytes]:
    """Merges, splits and events that changed hands. `causes` by message id; `other` for what none of them caused."""
    records = []
    for split_id, split, members in applied.splits:
        record = _record(other, f"split:{split_id}", _newest(members))
        _put(record.person, split.to_id, split.to_no)
        record.split.split_id = str(split_id)
        record.split.from_profile_id = str(split.from_id)
        _add(record.split.memberships, members)
        records.append(record)
    for merge_id, merge, members in applied.merges:
        record = _record(causes.get(merge.message_id, other), f"merge:{merge_id}", _newest(members))
        _put(record.person, merge.winner_id, merge.winner_no)
        record.merged.merge_id = str(merge_id)
        record.merged.merged_profile_ids.extend(map(str, merge.loser_ids))
        _add(record.merged.memberships, members)
        records.append(record)
    for row in applied.events:
        cause = ByHand(row["event_time"], row["accept_time"], historical=True)
        record = _record(cause, str(row["event_id"]), applied.owners[row["new"]])
        record.event_moved.name = row["name"]
        record.event_moved.from_identity_id = str(row["old"])
        records.append(record)
    return [bytes(record.SerializeToString()) for record in records]


def _newest(members: Sequence[Member]) -> Member:
    return max(members, key=lambda m: m.version)


def _put(person: record_pb2.PersonRef, profile_id: UUID, profile_no: int) -> None:
    person.profile_id, person.profile_no = str(profile_id), profile_no


def _add(memberships: Any, members: Iterable[Member]) -> None:
    for member in members:
        memberships.add(
            identity_id=str(member.identity_id),
            profile_id=str(member.profile_id),
            profile_no=member.profile_no,
            version=member.version,
        )


def _record(cause: Cause, record_id: str, member: Member) -> pb.ProfileRecord:
    """A record of the member's person without its fact. Field by field: a message made of messages takes three times as
    long."""
    record = pb.ProfileRecord()
    meta, person = record.meta, record.person
    meta.record_id = record_id
    _set_time(meta.event_time, cause.at)
    _set_time(meta.accept_time, cause.accepted)
    if cause.historical:
        meta.historical = True
    if cause.traceparent:
        meta.traceparent = cause.traceparent
    if cause.org_unit_id:
        meta.org_unit_id = cause.org_unit_id
    person.identity_id = str(member.identity_id)
    person.profile_id = str(member.profile_id)
    person.profile_no = member.profile_no
    person.identity_version = member.version
    return record


def _set_time(time: Timestamp, at: int) -> None:
    time.seconds, ms = divmod(at, 1000)
    time.nanos = ms * 1_000_000
