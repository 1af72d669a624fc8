"""Refused events and dead letters, tried once more: each page is stored in the bulk lane before it is forgotten."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, TypeAlias
from uuid import UUID

import msgspec
from waypost.profile.v1 import ingest_pb2

from gateway_service.ingest.commit import GroupCommit
from gateway_service.ingest.decode import KINDS, Rejection
from gateway_service.ingest.rejected import RejectedEvent

Id: TypeAlias = UUID | int
_NAMES = {number: kind for kind, number in KINDS.items()}
_NAMED_BY = {"track": "event", "group": "groupId"}
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Kept:
    id: Id
    event: RejectedEvent
    record: bytes | None = None
    """As it is in INGEST, when it was accepted once; it needs no look if nothing is patched."""


@dataclass(slots=True)
class Replayed:
    replayed: int = 0
    rejected: int = 0
    shown: list[tuple[Id, Rejection]] = field(default_factory=list)
    """The first that were rejected again."""


async def replay(
    commit: GroupCommit,
    workspace_id: UUID,
    kept: Iterable[Kept],
    patch: Mapping[str, Any] | None,
    forget: Callable[[Sequence[Any]], Awaitable[None]],
    done: Replayed,
) -> None:
    """One page. Where it ends half-way it may be done again: profile knows message ids that it has stored."""
    records: list[bytes] = []
    ids: list[Id] = []
    for one in kept:
        again = one.record if one.record is not None and patch is None else one.event.again(patch)
        if isinstance(again, bytes):
            records.append(again)
            ids.append(one.id)
        else:
            done.rejected += 1
            if len(done.shown) < _MOST_SHOWN:
                done.shown.append((one.id, again))
    if ids:
        await commit.submit(workspace_id, "bulk", records)
        await forget(ids)
    done.replayed += len(ids)


def dead_letter(record: bytes) -> tuple[RejectedEvent, bytes]:
    """A record of INGEST as the event that it was, and as the history that it is when it comes again."""
    message = ingest_pb2.IngestRecord.FromString(record)
    kind = _NAMES[message.kind] or ""
    at = message.meta.event_time.ToDatetime(UTC).isoformat()
    # With both times stated the clock's skew is not corrected again.
    event: dict[str, Any] = {"messageId": message.meta.record_id, "timestamp": at, "originalTimestamp": at}
    if message.name:
        event[_NAMED_BY.get(kind, "name")] = message.name
    for field_, data in (
        ("properties", message.properties_json),
        ("traits", message.traits_json),
        ("context", message.context_json),
    ):
        if data:
            event[field_] = msgspec.Raw(data)
    own = {"user_id": "userId", "anonymous_id": "anonymousId"}
    for one in message.identifiers:
        name = own.get(one.type)
        if name is not None:
            # A second user id is that of an alias, who was known by it before.
            event["previousId" if name in event else name] = one.value
    told = RejectedEvent(
        msgspec.json.encode(event), kind, message.meta.accept_time.ToDatetime(UTC), message.source
    )
    message.meta.historical = True
    return told, message.SerializeToString()
