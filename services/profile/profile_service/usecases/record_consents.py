"""Entries into the ledger of consents, and what holds for everybody concerned since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chassis.database import Tx
from chassis.errors import DataError
from consents import PERSON, Entry, Scope, deciding

from profile_service.domain.consent import (
    ADDRESS_TYPES,
    MESSAGE_PURPOSES,
    channels_of,
    concerns_messages,
    refusal,
)
from profile_service.domain.identity import Member
from profile_service.queries import whole_people
from profile_service.store import consents
from profile_service.store.consents import NewEntry, Subject


class Statement(NamedTuple):
    """What a person said, named by any of their identities."""

    identity_id: UUID
    entry: NewEntry
    message_id: str = ""
    """The message whose recipient said so."""


class SubjectState(NamedTuple):
    """What holds for a subject and a purpose; of two the higher version is in force."""

    subject: Subject
    purpose: str
    refusal: str
    """Empty when nobody withdrew."""
    version: int


@dataclass(frozen=True, slots=True)
class Recorded:
    statement: Statement
    person: Member
    identity_ids: Sequence[UUID]
    in_force: Entry | None
    """What decides now, for the scope that the entry names."""
    states: Sequence[SubjectState]


async def record_consents(tx: Tx, said: Sequence[Statement], now: datetime) -> list[Recorded]:
    """Adds each statement under all identities that its person has, but for devices that never said anything before
    their owner was known: they may turn out to be another's. Works out under a lock what follows for contact points
    and identities: whoever is told of a subject later is told the truth of later. A statement of somebody unknown is
    a DataError."""
    members = await consents.members(tx, {one.identity_id for one in said})
    if strangers := {one.identity_id for one in said} - members.keys():
        raise DataError("IDENTITY_UNKNOWN", f"{len(strangers)} statements are of nobody known here")
    ids = {named: [m.identity_id for m in several] for named, several in members.items()}
    subjects = await _subjects(tx, said, ids)
    versions = await consents.lock(tx, {s for several in subjects for s in several})
    owner = {m.identity_id: m.through for several in members.values() for m in several if m.through}
    spoke = {e.identity_id for e in await consents.of_identities(tx, list(owner))} if owner else set()
    under = {named: [i for i in several if i not in owner or i in spoke] for named, several in ids.items()}
    await consents.insert(tx, [(i, one.entry) for one in said for i in under[one.identity_id]], now)
    entries = _by_identity(await consents.of_identities(tx, _all(ids)))
    keys = {one.entry.contact_key for one in said} | {key for _, key in versions}
    keys -= {PERSON, *(i.bytes for several in ids.values() for i in several)}
    shared = await consents.of_contact_points(tx, list(keys)) if keys else {}
    recorded = []
    for one, several in zip(said, subjects, strict=True):
        entry, own = one.entry, [e for i in ids[one.identity_id] for e in entries.get(i, ())]
        person = next(m for m in members[one.identity_id] if m.identity_id == one.identity_id)
        in_force = deciding(own, entry.scope, entry.contact_key, shared.get(entry.contact_key, ()))
        states = [
            SubjectState(
                subject, purpose, _refusal(subject, purpose, entries, owner, shared), versions[subject]
            )
            for subject in several
            for purpose in MESSAGE_PURPOSES
            if entry.scope.purpose in ("", purpose)
        ]
        recorded.append(Recorded(one, person, under[one.identity_id], in_force, states))
    return recorded


async def _subjects(
    tx: Tx, said: Sequence[Statement], ids: Mapping[UUID, Sequence[UUID]]
) -> list[list[Subject]]:
    """For each statement, whom it says something about: the contact point that it names, else all contact points and
    identities of the person in the channel."""
    wide = {one.identity_id: ids[one.identity_id] for one in said if not one.entry.contact_key}
    points: dict[UUID, set[Subject]] = {}
    if wide:
        types = {address_type: channel for channel, address_type in ADDRESS_TYPES.items()}
        for row in await whole_people.contact_points(tx, _all(wide)):
            if channel := types.get(row["type"]):
                points.setdefault(row["identity_id"], set()).add((channel, row["contact_key"]))
        # A contact point that they withdrew once, and that nobody says is theirs.
        for entry in await consents.of_identities(tx, _all(wide)):
            if entry.contact_key:
                named = {(channel, entry.contact_key) for channel in channels_of(entry.scope)}
                points.setdefault(entry.identity_id, set()).update(named)
    found: list[list[Subject]] = []
    for one in said:
        channels = channels_of(one.entry.scope) if concerns_messages(one.entry.scope) else ()
        if one.entry.contact_key:
            found.append([(channel, one.entry.contact_key) for channel in channels])
            continue
        own = {s for i in wide[one.identity_id] for s in points.get(i, ()) if s[0] in channels}
        found.append(sorted({*own, *((c, i.bytes) for c in channels for i in wide[one.identity_id])}))
    return found


def _refusal(
    subject: Subject,
    purpose: str,
    entries: Mapping[UUID, Sequence[Entry]],
    owner: Mapping[UUID, UUID],
    shared: Mapping[bytes, Sequence[Entry]],
) -> str:
    channel, key = subject
    asked = Scope(channel, purpose)
    identity = UUID(bytes=key)
    # A contact key is nobody's identity, and has no entries here.
    own = [*entries.get(identity, ()), *(entries.get(owner[identity], ()) if identity in owner else ())]
    decided = deciding(own, asked, key, shared.get(key, ()))
    return refusal(decided, asked, required=False)


def _by_identity(entries: Iterable[Entry]) -> dict[UUID, list[Entry]]:
    found: dict[UUID, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.identity_id, []).append(entry)
    return found


def _all(ids: Mapping[UUID, Sequence[UUID]]) -> list[UUID]:
    return [identity_id for several in ids.values() for identity_id in several]
