"""Records as profile and dispatch publish them. Times are minutes after START."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from chassis.ids import derived_id
from waypost.dispatch.v1 import message_events_pb2
from waypost.profile.v1 import profile_events_pb2

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
ACCEPTED = message_events_pb2.MESSAGE_STATE_ACCEPTED
REFUSED = message_events_pb2.MESSAGE_STATE_REFUSED
FAILED = message_events_pb2.MESSAGE_STATE_FAILED
BOUNCED = message_events_pb2.MESSAGE_STATE_BOUNCED
COMPLAINED = message_events_pb2.MESSAGE_STATE_COMPLAINED


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


@dataclass(frozen=True)
class Person:
    """An identity and who it belongs to."""

    no: int
    number: int | None = None
    version: int = 1

    @property
    def profile_no(self) -> int:
        return self.no if self.number is None else self.number

    @property
    def identity_id(self) -> UUID:
        return derived_id("identity", str(self.no))

    @property
    def profile_id(self) -> UUID:
        return derived_id("identity", str(self.profile_no))

    def of(self, other: "Person", version: int = 2) -> "Person":
        """The same identity once it belongs to `other`."""
        return Person(self.no, other.profile_no, version)


ANNA, BERT, CARL = Person(1), Person(2), Person(3)


def happened(
    name: str,
    minute: float,
    person: Person = ANNA,
    *,
    event_id: str = "",
    accepted: float | None = None,
    historical: bool = False,
    **properties: Any,
) -> bytes:
    """An event of PROFILE. Without an id, the same arguments are the same event."""
    properties = {"cart_id": "c1"} | properties
    record = _record(person, event_id or f"{name}/{minute}/{person.no}/{properties}", minute, accepted)
    record.meta.historical = historical
    record.event.name = name
    record.event.properties_json = msgspec.json.encode(properties)
    return record.SerializeToString()


def merged(winner: Person, *losers: Person, minute: float = 0) -> bytes:
    """`losers` are the identities as they were before: their people are now `winner`."""
    record = _record(losers[0].of(winner), f"merge/{winner}/{losers}", minute, None)
    record.merged.merged_profile_ids.extend({str(p.profile_id) for p in losers})
    for loser in losers:
        now = loser.of(winner, loser.version + 1)
        record.merged.memberships.add(
            identity_id=str(now.identity_id),
            profile_id=str(now.profile_id),
            profile_no=now.profile_no,
            version=now.version,
        )
    return record.SerializeToString()


def split(person: Person, *taken: Person, minute: float = 0) -> bytes:
    """`taken` are the identities as they were before, of `person`: they are a person of their own, named by the first."""
    alone = [Person(one.no, taken[0].no, one.version + 1) for one in taken]
    record = _record(alone[0], f"split/{person}/{taken}", minute, None)
    record.split.from_profile_id = str(person.profile_id)
    for now in alone:
        record.split.memberships.add(
            identity_id=str(now.identity_id),
            profile_id=str(now.profile_id),
            profile_no=now.profile_no,
            version=now.version,
        )
    return record.SerializeToString()


def _record(
    person: Person, record_id: str, minute: float, accepted: float | None
) -> profile_events_pb2.ProfileRecord:
    record = profile_events_pb2.ProfileRecord()
    record.meta.record_id = str(derived_id("event", record_id))
    record.meta.event_time.FromDatetime(at(minute))
    record.meta.accept_time.FromDatetime(at(minute if accepted is None else accepted))
    record.person.identity_id = str(person.identity_id)
    record.person.profile_id = str(person.profile_id)
    record.person.profile_no = person.profile_no
    record.person.identity_version = person.version
    return record


def became(key: tuple[str, int], state: int, minute: float = 0, reason: str = "") -> bytes:
    """What MESSAGE says about the intention of (run, sequence)."""
    record = message_events_pb2.MessageRecord(
        run_id=key[0], run_sequence=key[1], state=state, reason=reason, intention_key=f"{key[0]}:{key[1]}"
    )
    record.meta.event_time.FromDatetime(at(minute))
    return record.SerializeToString()
