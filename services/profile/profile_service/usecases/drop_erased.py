"""Calls that name somebody erased: what would bring them back is left out."""

from collections.abc import Collection, Mapping, Sequence

from chassis.clock import from_ms
from chassis.crypto import WorkspaceCipher
from chassis.database import Tx

from profile_service.domain.calls import Call, Issue, Key
from profile_service.domain.identifiers import Identifier
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.store import erased, identifiers
from profile_service.store.erased import HeldBack
from profile_service.usecases.keying import key_of

REASON = "person_erased"
_DROPPED = "of somebody who was erased, and not stored; POST /v1/privacy/readmissions lets them begin anew"
_LEFT_OUT = "of somebody who was erased: left out, the rest of the call is stored"


async def drop_erased(
    tx: Tx, calls: Sequence[Call], cipher: WorkspaceCipher, settings: IdentitySettings
) -> tuple[list[Call], list[Issue]]:
    """The calls as they may be stored, and what was left out. An identifier held back is taken off a call that names
    somebody else who is known; any other call that names one is of the person erased, whatever else it brings."""
    if not await erased.any_held_back(tx):
        return list(calls), []
    named = {i: key_of(i, cipher) for call in calls for i in call.identifiers}
    hashes = {i: erased.hash_of(key, cipher) for i, key in named.items()}
    found = await erased.held_back(tx, hashes.values())
    if not found:
        return list(calls), []
    held = {i: found[h] for i, h in hashes.items() if h in found}
    concerned = [call for call in calls if any(i in held for i in call.identifiers)]
    keys = {named[i] for call in concerned for i in call.identifiers if i not in held}
    known = await identifiers.find(tx, keys) if keys else {}
    kept: list[Call] = []
    issues: list[Issue] = []
    for call in calls:
        off = [i for i in call.identifiers if i in held and held[i].holds(from_ms(call.at))]
        if not off or not _is_theirs(call, off, held):
            kept.append(call)
            continue
        living = _is_of_somebody_else(call, off, named, known, settings)
        detail = _LEFT_OUT if living else _DROPPED
        path = f"identifiers.{off[0].type}"
        issues.append(Issue("held_back", REASON, path, call.event_name, call.message_id, detail))
        if living:
            kept.append(_without(call, off))
    return kept, issues


def _is_theirs(call: Call, off: Sequence[Identifier], held: Mapping[Identifier, HeldBack]) -> bool:
    """A device says who somebody is only where nothing stronger does."""
    return any(held[i].strong for i in off) or len(off) == len(call.identifiers)


def _is_of_somebody_else(
    call: Call,
    off: Collection[Identifier],
    named: Mapping[Identifier, Key],
    known: Collection[Key],
    settings: IdentitySettings,
) -> bool:
    return any(i not in off and settings.is_strong(i.type) and named[i] in known for i in call.identifiers)


def _without(call: Call, off: Collection[Identifier]) -> Call:
    addresses = {(i.type, i.value) for i in off}
    return call._replace(
        identifiers=tuple(i for i in call.identifiers if i not in off),
        contact_points=tuple(p for p in call.contact_points if p not in addresses),
    )
