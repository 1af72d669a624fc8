"""What calls say about identities and accounts → their traits, by survivorship."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from chassis.clock import to_ms
from chassis.crypto import WorkspaceCipher
from chassis.database import Tx
from survivorship import Stamp, decode, encode

from profile_service.domain.calls import Call
from profile_service.domain.declared import Declared
from profile_service.store import facts
from profile_service.store.facts import StoredTraits


class Statement(NamedTuple):
    stamp: Stamp
    public: Mapping[str, Any]
    personal: Mapping[str, Any]


async def merge_traits(
    tx: Tx,
    said: Mapping[UUID, Sequence[Call]],
    cipher: WorkspaceCipher,
    declared: Declared,
    now: datetime,
) -> None:
    """`said` by identity."""
    if not said:
        return
    changed: dict[UUID, StoredTraits] = {}
    for identity_id, known in (await facts.lock_traits(tx, said)).items():
        statements = [
            Statement(stamp_of(call, declared), call.traits, call.held_traits) for call in said[identity_id]
        ]
        after = merged(known, statements, cipher, b"traits" + identity_id.bytes, declared)
        if after is not None:
            changed[identity_id] = after
    if changed:
        await facts.update_traits(tx, changed, now)


def stamp_of(call: Call, declared: Declared) -> Stamp:
    return Stamp(declared.ranks.get(call.source, 0), to_ms(call.event_time), call.message_id, call.source)


def merged(
    known: StoredTraits,
    statements: Sequence[Statement],
    cipher: WorkspaceCipher,
    place: bytes,
    declared: Declared,
) -> StoredTraits | None:
    """The traits after these statements; None when nothing changes. `place` binds the sealed ones to where they are."""
    held = msgspec.json.decode(cipher.open(known.sealed, place)) if known.sealed else {}
    values, times = {**known.values, **held}, known.times
    said = [(one.stamp, {**one.public, **one.personal}) for one in statements]
    # Only what is spoken of is looked at: people have many traits, and statements are about a few.
    names = {name for _, told in said for name in told}
    traits = decode(
        {name: values[name] for name in names if name in values},
        {name: times[name] for name in names if name in times},
    )
    if not sum(len(traits.take(told, stamp, declared.keep_all)) for stamp, told in said):
        return None
    for name in names:
        values.pop(name, None)
    values |= traits.values
    personal = held.keys() | {name for one in statements for name in one.personal}
    kept = {name: values.pop(name) for name in personal if name in values}
    sealed = cipher.seal(msgspec.json.encode(kept), place) if kept else None
    return StoredTraits(values, times | encode(traits), sealed)
