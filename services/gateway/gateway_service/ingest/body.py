"""From the bytes of a request to its events, still raw: inflate, read the envelope, find what is suspect. Pure."""

import re
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from chassis.bus import Lane
from msgspec import Raw

from gateway_service.ingest import times
from gateway_service.ingest.mend import Marks, mend
from gateway_service.ingest.reasons import BodyReason, BodyRefused

MAX_BODY = 500 * 1024
MAX_BATCH = (4 * 1024 + 128) * 1024
"""RudderStack's Python SDK stops adding to a batch at 4 MiB: what it sends is an event and the envelope larger."""
MAX_EVENT = 32 * 1024
_MOST_MEMBERS = 64
"""Of one gzip stream. Clients send one; each costs a copy of what follows it."""
_MOST_EXPONENTS = 10_000
_POSITION = re.compile(r"\(byte (\d+)\)")


class _Envelope(msgspec.Struct, rename="camel"):
    """What surrounds the events; for a single call, the event's own fields of these names."""

    batch: list[Raw] | None = None
    sent_at: Any = None
    write_key: Any = None
    lane: Any = None
    context: Raw = Raw()


class _Single(msgspec.Struct, rename="camel"):
    write_key: Any = None
    lane: Any = None


@dataclass(frozen=True, slots=True)
class Body:
    events: list[Raw]
    write_key: str | None
    lane: Lane | None
    sent_at: datetime | None = None
    """Of the whole batch; an event's own goes before it."""
    context: bytes = b""
    """JSON object of the whole batch; an event's own keys go before it."""
    suspect: bool = False
    """Some value needs a closer look, event by event."""
    marks: Marks | None = None


_envelope = msgspec.json.Decoder(_Envelope)
_single = msgspec.json.Decoder(_Single)
# Digits become 0 and E becomes e, so that a search for text is a search for a form.
_FLAT = bytes(0x30 if 0x30 <= c <= 0x39 else 0x65 if c == 0x45 else c for c in range(256))
_LONG = b"0" * 300
_BEFORE_NUMBER = frozenset((b"", b":", b",", b"[", b" ", b"\t", b"\n", b"\r"))


def inflate(body: bytes, encoding: str, most: int = MAX_BODY) -> bytes:
    """The decompressed body; never more than `most` bytes are held, whatever the compressed ones promise."""
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise BodyRefused(BodyReason.ENCODING_UNKNOWN, "content-encoding must be gzip or absent")
    plain = b""
    try:
        for _ in range(_MOST_MEMBERS):
            member = zlib.decompressobj(wbits=31)
            plain += member.decompress(body, most + 1 - len(plain))
            if len(plain) > most:
                raise too_large(most)
            if not member.eof:
                raise BodyRefused(BodyReason.GZIP_INVALID, "the gzip stream ends too early")
            body = member.unused_data
            if not body:
                return plain
    except zlib.error as error:
        raise BodyRefused(BodyReason.GZIP_INVALID, "content-encoding says gzip, the body is not") from error
    raise BodyRefused(BodyReason.GZIP_INVALID, f"the gzip stream has more than {_MOST_MEMBERS} members")


def too_large(most: int) -> BodyRefused:
    return BodyRefused(
        BodyReason.BODY_TOO_LARGE, f"the decompressed body is larger than {most} bytes", status=413
    )


def read_batch(body: bytes) -> Body:
    """The events of a batch call. Raises BodyRefused."""
    body, marks = _readable(body)
    try:
        envelope = _envelope.decode(body)
    except msgspec.ValidationError as error:
        raise _wrong_shape(error) from error
    if envelope.batch is None:
        raise BodyRefused(BodyReason.BATCH_NOT_ARRAY, "batch must be an array of events")
    context = bytes(envelope.context)
    if context and context[0] != 0x7B and context != b"null":
        raise BodyRefused(BodyReason.CONTEXT_NOT_OBJECT, "context of the batch must be an object")
    return Body(
        envelope.batch,
        _text(envelope.write_key),
        _lane(envelope.lane),
        _sent_at(envelope.sent_at),
        b"" if context == b"null" else context,
        _suspect(body, marks),
        marks,
    )


def read_single(body: bytes) -> Body:
    """The one event of a single call. Raises BodyRefused."""
    if len(body) > MAX_EVENT:
        raise BodyRefused(
            BodyReason.EVENT_TOO_LARGE, f"an event may have {MAX_EVENT} bytes at most", status=413
        )
    body, marks = _readable(body)
    try:
        single = _single.decode(body)
    except msgspec.ValidationError as error:
        raise _wrong_shape(error) from error
    return Body(
        [Raw(body)],
        _text(single.write_key),
        _lane(single.lane),
        suspect=_suspect(body, marks),
        marks=marks,
    )


def _readable(body: bytes) -> tuple[bytes, Marks | None]:
    """The body as JSON that the decoder reads through, mended where one value stopped it. Raises BodyRefused."""
    try:
        if not body.isascii():
            body.decode()
    except UnicodeDecodeError as error:
        raise BodyRefused(BodyReason.JSON_INVALID, f"not UTF-8 at byte {error.start}") from error
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        _skim(body)
        return body, None
    except (msgspec.DecodeError, RecursionError) as error:
        mended, marks = mend(body)
        if mended == body:
            raise _not_json(error, body) from error
    try:
        _skim(mended)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _not_json(error, body) from error
    return mended, marks


def _skim(body: bytes) -> None:
    """Reads the syntax through, without making values."""
    msgspec.json.decode(body, type=Raw)


def _suspect(body: bytes, marks: Marks | None) -> bool:
    """Whether some event may hold a value that cannot be stored. A pass or two over the whole body, which nearly
    always says no, is cheaper than a look at each event."""
    return marks is not None or b"\\u0000" in body or _odd_number(body)


def _odd_number(body: bytes) -> bool:
    """Whether there may be a number that overflows a double, or has more digits than anyone reads: a run of 300
    digits, or an exponent of three digits in something that is not inside a word (ids in hex are full of e123)."""
    flat = body.translate(_FLAT)
    if _LONG in flat:
        return True
    for exponent in (b"0e000", b"0e+000"):
        at = flat.find(exponent)
        for _ in range(_MOST_EXPONENTS):
            if at < 0:
                break
            before = flat[max(0, at - len(_LONG)) : at].rstrip(b"0.-")
            if before[-1:] in _BEFORE_NUMBER:
                return True
            at = flat.find(exponent, at + 5)
        else:
            return True
    return False


def _sent_at(value: object) -> datetime | None:
    try:
        return times.parse(value)
    except times.NotATime as error:
        raise BodyRefused(BodyReason.SENT_AT_INVALID, "sentAt must be an ISO 8601 time") from error


def _lane(value: object) -> Lane | None:
    return None if value is None else lane_of(value)


def lane_of(value: object) -> Lane:
    if value == "live":
        return "live"
    if value == "bulk":
        return "bulk"
    raise BodyRefused(BodyReason.LANE_UNKNOWN, "lane must be live or bulk")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _wrong_shape(error: msgspec.ValidationError) -> BodyRefused:
    if "$.batch" in str(error):
        return BodyRefused(BodyReason.BATCH_NOT_ARRAY, "batch must be an array of events")
    if "Expected `object`" in str(error):
        return BodyRefused(BodyReason.BODY_NOT_OBJECT, "the body must be a JSON object")
    return BodyRefused(BodyReason.JSON_INVALID, "a field beside the events holds a number out of range")


def _not_json(error: Exception, body: bytes) -> BodyRefused:
    if isinstance(error, RecursionError):
        return BodyRefused(BodyReason.JSON_INVALID, "the body nests without end")
    found = _POSITION.search(str(error))
    at = int(found[1]) if found else len(body)
    return BodyRefused(BodyReason.JSON_INVALID, f"not JSON at byte {at} of {len(body)}")
