"""What all answers have in common: pages, times, JSON values, words for enum values."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from chassis.clock import from_ms
from fastapi import Query
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, PlainSerializer

from gateway_service.problems import FieldError, Problem, answer_of

Item = TypeVar("Item")
_PLUS = re.compile(r"([T ]\d\d:\d\d[:.\d]*) (?=\d\d:?\d\d$)")
JsonObject = dict[str, Any]
PageSize = Annotated[
    int,
    Query(ge=0, description="0: the list's default; large values are cut"),
    AfterValidator(lambda size: min(size, 10_000)),  # no list gives as many, and any number fits the contract
]
PageToken = Annotated[str, Query(max_length=4096)]
Time = Annotated[
    AwareDatetime | None,
    Query(description="RFC 3339 with an offset"),
    BeforeValidator(lambda text: _PLUS.sub(r"\1+", text) if isinstance(text, str) else text),
    AfterValidator(lambda at: at and _utc(at)),
]
"""Of an address, where a + that was not written as %2B came as a space."""
Instant = Annotated[AwareDatetime, AfterValidator(lambda at: _utc(at))]
"""Of a body."""
Moment = Annotated[
    datetime,
    PlainSerializer(lambda at: at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")),
]
"""RFC 3339, UTC, milliseconds."""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: answer_of(text)
    for status, text in (
        (400, "Not understood"),
        (401, "No valid secret key"),
        (403, "The key lacks a scope"),
        (404, "No such object"),
        (409, "The object's state does not allow it"),
        (422, "A field is missing or malformed"),
        (503, "A service cannot be reached; try again"),
    )
}


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next_page_token: str = ""
    """Empty on the last page."""


def _utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("not a moment of the years 1 to 9999") from error


def moment(message: Message, field: str) -> datetime | None:
    """A Timestamp field; None when it is not set."""
    if not message.HasField(field):
        return None
    stamp: Timestamp = getattr(message, field)
    return from_ms(stamp.ToMilliseconds())


def given(message: Message, field: str) -> datetime:
    """A Timestamp field that the contract always sets."""
    return moment(message, field) or datetime.fromtimestamp(0, UTC)


def stamp(at: datetime) -> Timestamp:
    """A time without an offset is UTC."""
    found = Timestamp()
    found.FromDatetime(at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC))
    return found


def stamp_of(at: datetime | None) -> Timestamp | None:
    return stamp(at) if at else None


def json_of(data: bytes) -> Any:
    """JSON bytes of a message; empty means an empty object."""
    return msgspec.json.decode(data) if data else {}


def json_bytes(value: Any) -> bytes:
    return msgspec.json.encode(value)


def word(enum: Any, value: int) -> str:
    """`JOURNEY_STATE_ACTIVE` → `active`; a value newer than this release → its number."""
    known = enum.DESCRIPTOR.values_by_number.get(value)
    return known.name.removeprefix(_prefix(enum)).lower() if known else str(value)


def number(enum: Any, text: str, parameter: str) -> Any:
    """`active` → the enum's value. Raises Problem for an unknown word."""
    known = enum.DESCRIPTOR.values_by_name.get(_prefix(enum) + text.upper())
    if known is None or known.number == 0:
        words = ", ".join(word(enum, v.number) for v in enum.DESCRIPTOR.values if v.number)
        raise Problem(
            400,
            "FIELD_INVALID",
            f"{parameter} must be one of {words}",
            errors=[FieldError(pointer=f"#{parameter}", reason="unknown_value")],
        )
    return known.number


def _prefix(enum: Any) -> str:
    zero: str = enum.DESCRIPTOR.values_by_number[0].name
    return zero.removesuffix("UNSPECIFIED")
