"""Events to records of INGEST, one by one: each is accepted, or refused with a precise reason. Pure, and it raises
on nothing a caller can send: a bad event never takes its neighbours with it.

Properties, traits and context are never re-encoded: their bytes go into the record as they came.
"""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

import msgspec
from chassis.bus import Lane
from msgspec import Raw
from waypost.profile.v1 import ingest_pb2

from gateway_service.ingest import event as events
from gateway_service.ingest import identifiers, times, wire
from gateway_service.ingest.body import MAX_EVENT, Body
from gateway_service.ingest.event import Event, Refusal
from gateway_service.ingest.reasons import Reason

TURN = 1000
"""Events decoded at a stretch, in about 5 ms."""
MAX_DEPTH = 32
MAX_NAME_CHARS = 256
MAX_MESSAGE_ID_CHARS = 256
MAX_ORG_UNIT_CHARS = 128
MAX_FIELDS = 500
"""Of properties, traits and context each, not counting nested ones."""
_LEAST_FIELD = len('"":0,')
KINDS: dict[str | None, int] = {
    "identify": ingest_pb2.INGEST_KIND_IDENTIFY,
    "track": ingest_pb2.INGEST_KIND_TRACK,
    "page": ingest_pb2.INGEST_KIND_PAGE,
    "screen": ingest_pb2.INGEST_KIND_SCREEN,
    "group": ingest_pb2.INGEST_KIND_GROUP,
    "alias": ingest_pb2.INGEST_KIND_ALIAS,
}
NUL_ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_anything = msgspec.json.Decoder()
_keys = msgspec.json.Decoder(dict[str, Raw])


@dataclass(frozen=True, slots=True)
class Call:
    """What all events of a request have in common."""

    accepted: datetime
    """When the request arrived."""
    lane: Lane
    traceparent: str = ""
    source: str = ""
    """Name of the key that sent it."""
    kind: str | None = None
    """For a single call; the events of a batch say it themselves."""
    org_units: Sequence[str] = ()
    """Those that the key may send for; none: any."""


@dataclass(frozen=True, slots=True)
class Rejection:
    index: int
    reason: Reason
    detail: str
    event_name: str
    message_id: str


@dataclass(slots=True)
class Decoded:
    records: list[bytes] = field(default_factory=list)
    """Encoded IngestRecords, in the order of the events."""
    rejected: list[Rejection] = field(default_factory=list)


def decode(body: Body, call: Call) -> Decoded:
    """Every event of the body is in exactly one of the two lists."""
    decoded = Decoded()
    _Decoding(body, call).take(body.events, 0, decoded)
    return decoded


async def decode_in_turns(body: Body, call: Call) -> Decoded:
    """Like `decode`, for many events: others get their turn in between."""
    decoded, decoding = Decoded(), _Decoding(body, call)
    for start in range(0, len(body.events), TURN):
        decoding.take(body.events[start : start + TURN], start, decoded)
        await asyncio.sleep(0)
    return decoded


class _Decoding:
    def __init__(self, body: Body, call: Call) -> None:
        self._body = body
        self._call = call
        self._accepted = call.accepted - times.EPOCH
        self._bulk = call.lane == "bulk"
        self._meta_shared = wire.shared_meta(self._accepted, call.traceparent)
        self._record_shared = wire.shared_record(call.source)

    def take(self, raw_events: Sequence[Raw], first: int, decoded: Decoded) -> None:
        """`first`: index of the first of these events in the body."""
        records, one = decoded.records, self._one
        for index, raw in enumerate(raw_events, first):
            data = bytes(raw)
            outcome = one(data)
            if isinstance(outcome, bytes):
                records.append(outcome)
            else:
                name, message_id = events.name_and_id(data)
                decoded.rejected.append(Rejection(index, outcome.reason, outcome.detail, name, message_id))

    def _one(self, data: bytes) -> bytes | Refusal:
        if problem := self._unstorable(data):
            return problem
        event = events.read(data)
        if isinstance(event, Refusal):
            return event
        kind = KINDS.get(self._call.kind or event.type)
        if kind is None:
            return Refusal(Reason.EVENT_TYPE_UNKNOWN, f"type must be one of {', '.join(filter(None, KINDS))}")
        return self._record(event, kind, data)

    def _unstorable(self, data: bytes) -> Refusal | None:
        """What no field can excuse: size, nesting and, once something in the body looked suspect, odd values."""
        if len(data) > MAX_EVENT:
            return Refusal(Reason.EVENT_TOO_LARGE, f"an event may have {MAX_EVENT} bytes at most")
        if data.count(b"{") + data.count(b"[") > MAX_DEPTH and too_deep(data):
            return Refusal(Reason.TOO_DEEP, f"an event may nest {MAX_DEPTH} levels at most")
        if self._body.suspect:
            return self._odd_value(data)
        return None

    def _odd_value(self, data: bytes) -> Refusal | None:
        marks = self._body.marks
        if marks and marks.depth in data:
            return Refusal(Reason.TOO_DEEP, f"an event may nest {MAX_DEPTH} levels at most")
        if marks and marks.surrogate in data:
            return Refusal(Reason.LONE_SURROGATE, "a string holds half of a surrogate pair")
        if NUL_ESCAPE.search(data):
            return Refusal(Reason.NUL_CHARACTER, "a string holds the character U+0000")
        try:
            _anything.decode(data)
        except (msgspec.MsgspecError, RecursionError):
            return Refusal(Reason.VALUE_INVALID, "a number is out of the range that can be stored")
        return None

    def _record(self, event: Event, kind: int, data: bytes) -> bytes | Refusal:
        name = _name(event, kind)
        if isinstance(name, Refusal):
            return name
        blobs = self._blobs(event)
        if isinstance(blobs, Refusal):
            return blobs
        properties, traits, context = blobs
        about = identifiers.read_context(context)
        if not traits and kind == ingest_pb2.INGEST_KIND_IDENTIFY:
            # RudderStack's SDKs put the traits of identify into the context.
            traits = _object(about.traits) or b""
        found = identifiers.of(event, kind, about, traits)
        if isinstance(found, Refusal):
            return found
        meta = self._meta(event, kind, about, data)
        if isinstance(meta, Refusal):
            return meta
        return wire.record(self._record_shared, meta, kind, name, found, properties, traits, context)

    def _blobs(self, event: Event) -> tuple[bytes, bytes, bytes] | Refusal:
        properties, traits, context = _object(event.properties), _object(event.traits), _object(event.context)
        if properties is None:
            return Refusal(Reason.PROPERTIES_NOT_OBJECT, "properties must be an object")
        if traits is None:
            return Refusal(Reason.TRAITS_NOT_OBJECT, "traits must be an object")
        if context is None:
            return Refusal(Reason.CONTEXT_NOT_OBJECT, "context must be an object")
        if self._body.context:
            context = _merged(self._body.context, context)
        for name, data in (("properties", properties), ("traits", traits), ("context", context)):
            if len(data) > MAX_FIELDS * _LEAST_FIELD and len(_keys.decode(data)) > MAX_FIELDS:
                return Refusal(Reason.TOO_MANY_FIELDS, f"{name} may have {MAX_FIELDS} fields at most")
        return properties, traits, context

    def _meta(self, event: Event, kind: int, about: identifiers.Context, data: bytes) -> bytes | Refusal:
        try:
            happened = times.happened(
                self._accepted,
                event.timestamp,
                event.original_timestamp,
                event.sent_at or self._body.sent_at,
            )
        except times.NotATime:
            return Refusal(Reason.TIMESTAMP_INVALID, "the time lies before year 1")
        late = self._accepted - happened
        if late < -times.FUTURE:
            return Refusal(
                Reason.TIMESTAMP_IN_FUTURE, "the time lies more than 24 hours ahead, clock skew corrected"
            )
        unit = about.org_unit
        if unit is not None and (not isinstance(unit, str) or len(unit) > MAX_ORG_UNIT_CHARS):
            return Refusal(
                Reason.ORG_UNIT_INVALID, f"org_unit must be a string of {MAX_ORG_UNIT_CHARS} characters"
            )
        if confined := self._call.org_units:
            unit = unit or (confined[0] if len(confined) == 1 else "")
            if unit not in confined:
                return Refusal(
                    Reason.ORG_UNIT_FOREIGN,
                    f"this write key sends for {', '.join(confined[:10])}: name one in context.org_unit",
                )
        record_id = event.message_id
        if not record_id:
            record_id = "body-" + blake2b(data, digest_size=16, salt=bytes([kind])).hexdigest()
        elif len(record_id) > MAX_MESSAGE_ID_CHARS:
            return Refusal(
                Reason.MESSAGE_ID_INVALID, f"messageId may have {MAX_MESSAGE_ID_CHARS} characters at most"
            )
        historical = self._bulk or late > times.HISTORICAL_AFTER
        return wire.meta(self._meta_shared, record_id, happened, historical, unit or "")


def _name(event: Event, kind: int) -> str | Refusal:
    """Event name of track, name of page and screen, group id of group."""
    name = ""
    if kind == ingest_pb2.INGEST_KIND_TRACK:
        name = event.event or ""
        if not name.strip():
            return Refusal(Reason.EVENT_NAME_MISSING, "track needs an event name")
    elif kind in (ingest_pb2.INGEST_KIND_PAGE, ingest_pb2.INGEST_KIND_SCREEN):
        name = event.name or ""
    elif kind == ingest_pb2.INGEST_KIND_GROUP:
        name = event.group_id or ""
        if not name:
            return Refusal(Reason.IDENTIFIER_MISSING, "group needs a groupId")
    if len(name) > MAX_NAME_CHARS:
        return Refusal(Reason.EVENT_NAME_TOO_LONG, f"a name may have {MAX_NAME_CHARS} characters at most")
    return name


def _object(raw: Raw) -> bytes | None:
    """The bytes of a JSON object, empty for absent and null; None when it is something else."""
    data = bytes(raw)
    if not data or data[0] == 0x7B:
        return data
    return b"" if data == b"null" else None


def _merged(shared: bytes, own: bytes) -> bytes:
    """The event's own keys over those of the whole batch."""
    if not own:
        return shared
    return msgspec.json.encode({**_keys.decode(shared), **_keys.decode(own)})


def too_deep(data: bytes) -> bool:
    """Counts the layers of brackets outside strings by peeling them from the inside."""
    brackets = _STRING.sub(b"", data).translate(None, _NOT_BRACKETS)
    for _ in range(MAX_DEPTH):
        peeled = brackets.replace(b"{}", b"").replace(b"[]", b"")
        if not peeled:
            return False
        brackets = peeled
    return True
