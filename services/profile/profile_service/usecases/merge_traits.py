"""What calls say about identities and accounts → their traits, by survivorship."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from chassis.crypto import WorkspaceCipher
from chassis.database import Tx
from survivorship import Stamp, decode, encode

from profile_service.domain.calls import Call
from profile_service.domain.declared import Declared
from profile_service.store import facts
from profile_service.store.facts import StoredTraits
from profile_service.usecases.news import News

CORRECTION = "waypost.correction"
"""The source of corrections by hand."""
HIGHEST = 1_000
_NONE = StoredTraits({}, {}, None)


class Statement(NamedTuple):
    stamp: Stamp
    public: Mapping[str, Any]
    personal: Mapping[str, Any]


async def merge_traits(
    tx: Tx,
    said: Mapping[UUID, Sequence[Call]],
    newborn: Mapping[UUID, int],
    cipher: WorkspaceCipher,
    declared: Declared,
    now: datetime,
    news: News,
) -> None:
    """`said` by identity; `newborn` with their numbers: these are not stored yet, and nobody else knows of them."""
    if not said and not newborn:
        return
    stored = {i: (number, _NONE) for i, number in newborn.items() if i in said}
    if len(stored) < len(said):
        stored |= await facts.lock_traits(tx, said.keys() - newborn.keys())
    changed: dict[UUID, tuple[int, StoredTraits | None]] = {i: (n, None) for i, n in newborn.items()}
    for identity_id, (number, known) in stored.items():
        calls = said[identity_id]
        statements = [Statement(stamp_of(call, declared), call.traits, call.held_traits) for call in calls]
        after = merged(known, statements, cipher, b"traits" + identity_id.bytes, declared)
        if after is not None:
            changed[identity_id] = number, after.stored
            news.of_names(identity_id, after.held, after.kept)
            what = tuple(f"traits.{name}" for name in after.names)
            news.note(identity_id, what, f"message:{calls[0].message_id}")
    rows = [_said_row(call, i, cipher, declared) for i, calls in said.items() for call in calls]
    await facts.write_traits(tx, rows, changed, now)


def stamp_of(call: Call, declared: Declared) -> Stamp:
    return Stamp(rank_of_call(call, declared), call.at, call.message_id, call.source)


def rank_of_call(call: Call, declared: Declared) -> int:
    """A correction by hand stands above every source."""
    return HIGHEST if call.source == CORRECTION else declared.ranks.get(call.source, 0)


def said_place(identity_id: UUID, message_id: str) -> bytes:
    """What a statement's personal traits are sealed to."""
    return b"said" + identity_id.bytes + message_id.encode()


def _said_row(call: Call, identity_id: UUID, cipher: WorkspaceCipher, declared: Declared) -> facts.SaidRow:
    sealed = None
    if call.held_traits:
        sealed = cipher.seal(msgspec.json.encode(call.held_traits), said_place(identity_id, call.message_id))
    rank = rank_of_call(call, declared)
    told = msgspec.Raw(call.traits_json)
    return facts.SaidRow(identity_id, call.at, call.message_id, call.source, rank, told, sealed)


class Outcome(NamedTuple):
    stored: StoredTraits
    held: Mapping[str, Any]
    """Personal traits as they were."""
    kept: Mapping[str, Any]
    """Personal traits as they are."""
    names: frozenset[str]
    """Traits whose value changes."""


def merged(
    known: StoredTraits,
    statements: Sequence[Statement],
    cipher: WorkspaceCipher,
    place: bytes,
    declared: Declared,
) -> Outcome | None:
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
    other = frozenset(n for n in names if values.get(n) != traits.values.get(n))
    for name in names:
        values.pop(name, None)
    values |= traits.values
    personal = held.keys() | {name for one in statements for name in one.personal}
    kept = {name: values.pop(name) for name in personal if name in values}
    sealed = cipher.seal(msgspec.json.encode(kept), place) if kept else None
    return Outcome(StoredTraits(values, times | encode(traits), sealed), held, kept, other)
