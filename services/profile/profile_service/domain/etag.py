"""The name of what is said of a person."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any
from uuid import UUID


def etag_of(identities: Iterable[tuple[UUID, int, Mapping[str, Any]]]) -> str:
    """Of (id, membership version, stamps of what was said of each trait last): it changes with each of these."""
    told = sorted((i.hex, version, sorted(stamps.items())) for i, version, stamps in identities)
    return blake2b(repr(told).encode(), digest_size=16).hexdigest()
