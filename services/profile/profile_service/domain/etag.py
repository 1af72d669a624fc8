"""The name of what is said of a person."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from uuid import UUID

from profile_service.domain.traits import Stamp


def etag_of(identities: Iterable[tuple[UUID, int, Mapping[str, Stamp]]]) -> str:
    """Of (id, membership version, what was said of each trait last): it changes with each of these."""
    told = sorted(
        (i.hex, version, sorted((n, *s) for n, s in stamps.items())) for i, version, stamps in identities
    )
    return blake2b(repr(told).encode(), digest_size=16).hexdigest()
