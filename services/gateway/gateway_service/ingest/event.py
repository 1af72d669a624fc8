"""One event of the Segment spec, typed. The strict form is what SDKs send; what it does not read is looked at field
by field, to accept other spellings and to name what is wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw

from gateway_service.ingest import times
from gateway_service.ingest.reasons import Reason


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an event is not taken. `detail` names limits and fields, never a value: it is stored and shown."""

    reason: Reason
    detail: str


class Event(msgspec.Struct, rename="camel"):
    type: str | None = None
    message_id: str | None = None
    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    group_id: str | None = None
    event: str | None = None
    name: str | None = None
    timestamp: datetime | None = None
    original_timestamp: datetime | None = None
    sent_at: datetime | None = None
    properties: Raw = Raw()
    traits: Raw = Raw()
    context: Raw = Raw()


class _Loose(msgspec.Struct, rename="camel"):
    type: Any = None
    message_id: Any = None
    user_id: Any = None
    anonymous_id: Any = None
    previous_id: Any = None
    group_id: Any = None
    event: Any = None
    name: Any = None
    timestamp: Any = None
    original_timestamp: Any = None
    sent_at: Any = None
    properties: Raw = Raw()
    traits: Raw = Raw()
    context: Raw = Raw()


_strict = msgspec.json.Decoder(Event)
_loose = msgspec.json.Decoder(_Loose)
_TEXTS = (
    ("type", "type", Reason.EVENT_TYPE_UNKNOWN),
    ("message_id", "messageId", Reason.MESSAGE_ID_INVALID),
    ("user_id", "userId", Reason.IDENTIFIER_INVALID),
    ("anonymous_id", "anonymousId", Reason.IDENTIFIER_INVALID),
    ("previous_id", "previousId", Reason.IDENTIFIER_INVALID),
    ("group_id", "groupId", Reason.IDENTIFIER_INVALID),
    ("event", "event", Reason.EVENT_NAME_INVALID),
    ("name", "name", Reason.EVENT_NAME_INVALID),
)
_MAYBE_NUMBERS = frozenset({"previous_id", "group_id"})
"""SDKs write numbers given as userId or anonymousId as text themselves, and leave these two as they are."""
_EXACT = 2**53
"""From here on a JavaScript caller's number may be a neighbour of the one that was meant."""
_TIMES = (("timestamp", "timestamp"), ("original_timestamp", "originalTimestamp"), ("sent_at", "sentAt"))


def read(data: bytes) -> Event | Refusal:
    try:
        return _strict.decode(data)
    except msgspec.MsgspecError:
        return _read_loosely(data)


def name_and_id(data: bytes) -> tuple[str, str]:
    """Event name and messageId as far as they can be had, to describe an event that was refused."""
    try:
        loose = _loose.decode(data)
    except (msgspec.MsgspecError, RecursionError):
        return "", ""
    name = loose.event if isinstance(loose.event, str) else loose.name
    return (
        name if isinstance(name, str) else "",
        loose.message_id if isinstance(loose.message_id, str) else "",
    )


def _read_loosely(data: bytes) -> Event | Refusal:
    try:
        loose = _loose.decode(data)
    except msgspec.MsgspecError:
        return Refusal(Reason.EVENT_NOT_OBJECT, "an event must be a JSON object")
    event = Event(properties=loose.properties, traits=loose.traits, context=loose.context)
    for attribute, written, reason in _TEXTS:
        value = getattr(loose, attribute)
        if attribute in _MAYBE_NUMBERS and type(value) is int and abs(value) < _EXACT:
            value = str(value)
        if value is not None and not isinstance(value, str):
            return Refusal(reason, f"{written} must be a string")
        setattr(event, attribute, value)
    for attribute, written in _TIMES:
        try:
            setattr(event, attribute, times.parse(getattr(loose, attribute)))
        except times.NotATime:
            return Refusal(Reason.TIMESTAMP_INVALID, f"{written} must be an ISO 8601 time")
    return event
