"""What calls say about identities and accounts → their traits, by survivorship."""

from collections.abc import Iterable, Mapping, Sequence
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
    statements: Iterable[Statement],
    cipher: WorkspaceCipher,
    place: bytes,
    declared: Declared,
) -> StoredTraits | None:
    """The traits after these statements; None when nothing changes. `place` binds the sealed ones to where they are."""
    held = msgspec.json.decode(cipher.open(known.sealed, place)) if known.sealed else {}
    traits = decode({**known.values, **held}, known.times)
    personal = set(held)
    touched = False
    for statement in statements:
        values = {**statement.public, **statement.personal}
        if traits.take(values, statement.stamp, declared.keep_all):
            touched = True
        personal.update(statement.personal)
    if not touched:
        return None
    kept = {name: value for name, value in traits.values.items() if name in personal}
    shown = {name: value for name, value in traits.values.items() if name not in personal}
    sealed = cipher.seal(msgspec.json.encode(kept), place) if kept else None
    return StoredTraits(shown, encode(traits), sealed)
