"""PROFILE records → what journeys look at."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from chassis.clock import from_ms
from google.protobuf.message import DecodeError
from people import Membership
from waypost.profile.v1 import profile_events_pb2 as pb

from journey_service.domain.run import Event, Moment, Recorded


@dataclass(frozen=True, slots=True)
class Heard:
    """An event as PROFILE told it."""

    event: Event
    historical: bool
    traceparent: str
    org_unit_id: str


def readable_events(raws: Sequence[bytes], names: Collection[str]) -> Iterable[tuple[Heard, Membership]]:
    """Passes over what cannot be read: `apply` buries it, outside a transaction it would stop the consumer."""
    for raw in raws if names else ():
        try:
            record = pb.ProfileRecord.FromString(raw)
            found = list(events([record], names))
        except (DecodeError, ValueError):
            continue
        yield from found


def events(records: Iterable[pb.ProfileRecord], names: Collection[str]) -> Iterable[tuple[Heard, Membership]]:
    """Events of these names."""
    for record in records:
        if not record.HasField("event") or record.event.name not in names:
            continue
        meta, person = record.meta, _membership(record.person)
        event = Event(
            meta.record_id,
            person.identity_id,
            record.event.name,
            Moment(_at(meta.event_time), meta.record_id),
            _at(meta.accept_time),
            msgspec.json.decode(record.event.properties_json),
        )
        yield Heard(event, meta.historical, meta.traceparent, meta.org_unit_id), person


def rows(records: Iterable[pb.ProfileRecord], names: Collection[str], since: datetime) -> list[Recorded]:
    """Each event of these names once, unless it is too old to matter."""
    found: dict[str, Recorded] = {}
    for record in records:
        if not record.HasField("event") or record.event.name not in names:
            continue
        meta, event = record.meta, record.event
        happened = _at(meta.event_time)
        if happened > since:
            found[meta.record_id] = Recorded(
                _uuid(record.person.identity_id),
                meta.record_id,
                event.name,
                happened,
                _at(meta.accept_time),
                event.properties_json.decode(),
            )
    return list(found.values())


def memberships(records: Iterable[pb.ProfileRecord]) -> Iterable[Membership]:
    for record in records:
        yield _membership(record.person)
        for m in (*record.merged.memberships, *record.split.memberships):
            yield Membership(_uuid(m.identity_id), _uuid(m.profile_id), m.profile_no, m.version)
        # Both sides of a split are held. Of version -1: whatever is known is newer.
        yield from (Membership(i, i, 0, -1) for i in split_people([record]))


def split_people(records: Iterable[pb.ProfileRecord]) -> set[UUID]:
    """The identities that name the people of every split."""
    return {
        _uuid(profile_id)
        for record in records
        if record.HasField("split")
        for profile_id in (record.split.from_profile_id, record.person.profile_id)
    }


def _membership(ref: Any) -> Membership:
    return Membership(_uuid(ref.identity_id), _uuid(ref.profile_id), ref.profile_no, ref.identity_version)


def _at(time: Any) -> datetime:
    """A protobuf timestamp, cut to milliseconds."""
    return from_ms(int(time.seconds) * 1000 + int(time.nanos) // 1_000_000)


# The same people come again and again, each by two ids.
_uuid = lru_cache(maxsize=65_536)(UUID)
