"""Ids that grow with time (a random key costs an event table its cache), and ids derived from what they name.

They are asyncpg's UUIDs, as the database's are: a kind of Python's own, made, hashed and compared many times as fast.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

import uuid_utils
from asyncpg.pgproto import pgproto

from chassis.clock import from_ms
from chassis.errors import DataError, InvalidArgument

_uuid: Callable[[bytes], UUID] = pgproto.UUID


def new_id() -> UUID:
    """A version 7 UUID."""
    return _uuid(uuid_utils.uuid7().bytes)


def timed_id(ms: int, *parts: str) -> UUID:
    """A UUID in version 7 layout: `ms` in front, a hash of the parts behind. Same input, same id."""
    tail = bytearray(_digest(parts)[:10])
    tail[0] = tail[0] & 0x0F | 0x70
    tail[2] = tail[2] & 0x3F | 0x80
    return _uuid((ms & 0xFFFF_FFFF_FFFF).to_bytes(6, "big") + tail)


def time_of(timed: UUID) -> datetime:
    """The moment in front of a `timed_id` or `new_id`."""
    return from_ms(timed.int >> 80)


def derived_id(*parts: str) -> UUID:
    """A UUID (version 8 layout) that names these parts. Same parts, same id."""
    value = bytearray(_digest(parts))
    value[6] = value[6] & 0x0F | 0x80
    value[8] = value[8] & 0x3F | 0x80
    return _uuid(bytes(value))


# A batch asks about the same ids in each of its statements.
@lru_cache(maxsize=65_536)
def bucket_of(key: UUID | bytes) -> int:
    """The storage bucket, 0…255: a byte of the key's hash, so that time-ordered ids spread."""
    raw = key.bytes if isinstance(key, UUID) else key
    return blake2b(raw, digest_size=1).digest()[0]


def record_uuid(text: str, field: str) -> UUID:
    """Of a record's field; DataError when it is none."""
    try:
        return _parsed(text)
    except ValueError as error:
        raise DataError("ID_INVALID", f"{field} is not a UUID") from error


def argument_uuid(text: str, field: str) -> UUID:
    """Of a call's field; InvalidArgument when it is none."""
    try:
        return _parsed(text)
    except ValueError as error:
        raise InvalidArgument("not a UUID", field=field) from error


# The same people come again and again, each by two ids.
@lru_cache(maxsize=65_536)
def _parsed(text: str) -> UUID:
    return _uuid(UUID(text).bytes)


def _digest(parts: tuple[str, ...]) -> bytes:
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
