"""What consents are in force, and the entries that say so."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from chassis.database import Tx
from consents import PERSON, Entry, Scope, deciding

from profile_service.domain.consent import ADDRESS_TYPES, PROFILING
from profile_service.store import consents


class InForce(NamedTuple):
    """The answer to a question; without an entry nothing was said."""

    scope: Scope
    contact_key: bytes
    decided: Entry | None


class OfPerson(NamedTuple):
    in_force: list[InForce]
    """For each scope that an entry names: what holds for the person, and for each contact point where it is
    otherwise."""
    no_profiling: bool


async def at_contacts(
    tx: Tx, contacts: Iterable[tuple[UUID, bytes]], asked: Sequence[Scope]
) -> dict[tuple[UUID, bytes], list[InForce]]:
    """(person, contact key or PERSON) → an answer to each question. The people are those of today."""
    wanted = set(contacts)
    channels = {scope.channel for scope in asked}
    own = await consents.of_people(tx, list({person for person, _ in wanted}), channels)
    keys = {key for _, key in wanted} - {PERSON}
    shared = await consents.of_contact_points(tx, list(keys), channels) if keys else {}
    return {
        (person, key): [
            InForce(scope, key, deciding(own.get(person, ()), scope, key, shared.get(key, ()))) for scope in asked
        ]
        for person, key in wanted
    }  # fmt: skip


async def of_person(tx: Tx, identity_ids: Sequence[UUID], contact_points: Mapping[bytes, str]) -> OfPerson:
    """`contact_points`: the person's, key → type."""
    own = await consents.of_identities(tx, identity_ids)
    shared = await consents.of_contact_points(tx, list(contact_points)) if contact_points else {}
    channels = {kind: channel for channel, kind in ADDRESS_TYPES.items()}
    at = {key: channels[kind] for key, kind in contact_points.items() if kind in channels}
    named = {entry.scope for entry in own}
    mine = set(identity_ids)
    named |= {
        entry.scope._replace(channel=at[key])
        for key in shared.keys() & at
        for entry in shared[key]
        if entry.identity_id not in mine and entry.scope.purpose != PROFILING
    }
    found = []
    for scope in sorted(named):
        of_all = deciding(own, scope)
        if of_all is not None:
            found.append(InForce(scope, PERSON, of_all))
        for key in sorted(key for key, channel in at.items() if channel == scope.channel):
            decided = deciding(own, scope, key, shared.get(key, ()))
            if decided is not None and (of_all is None or decided.withdrawn != of_all.withdrawn):
                found.append(InForce(scope, key, decided))
    profiling = deciding(own, Scope("", PROFILING))
    return OfPerson(found, profiling is not None and profiling.withdrawn)


async def history(tx: Tx, profile_id: UUID, before: UUID | None, limit: int) -> list[Any]:
    """Entries of all identities of the person, newest first; one that was recorded for several of them once."""
    return await tx.fetch(_HISTORY, tx.workspace_id, profile_id, before, limit)


_HISTORY = """
SELECT DISTINCT ON (c.consent_id) c.* FROM memberships m CROSS JOIN LATERAL (
  SELECT * FROM consents WHERE workspace_id = $1 AND bucket = m.bucket AND identity_id = m.identity_id
    AND ($3::uuid IS NULL OR consent_id < $3)
  ORDER BY consent_id DESC LIMIT $4
) c
WHERE m.workspace_id = $1 AND m.profile_id = $2 AND m.valid_to = 'infinity'
ORDER BY c.consent_id DESC LIMIT $4
"""
