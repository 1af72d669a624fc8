"""Rows → people, as gRPC messages: many at once, or one as of a moment."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from chassis.clock import to_ms
from chassis.crypto import WorkspaceCipher
from chassis.database import Tx
from survivorship import Stamp, Traits, decode, fold
from waypost.profile.v1 import profile_service_pb2 as pb

from profile_service.api.consent_convert import in_force
from profile_service.api.facets import add_facets
from profile_service.api.naming import plain_value, shown_value
from profile_service.domain.calls import Key
from profile_service.domain.etag import etag_of
from profile_service.domain.past_traits import traits_at
from profile_service.queries import consents as consent_queries
from profile_service.queries import whole_people
from profile_service.store import consents
from profile_service.usecases.merge_traits import said_place


async def load_people(
    tx: Tx, profile_ids: Sequence[UUID], cipher: WorkspaceCipher, *, in_full: bool = False
) -> dict[UUID, pb.Profile]:
    """`profile_ids`: people of today. `in_full`: identifiers and addresses unmasked."""
    rows = await whole_people.identities(tx, profile_ids)
    ids = [r["identity_id"] for r in rows]
    identifiers = await whole_people.identifiers(tx, ids)
    claims = await whole_people.claims(tx, ids)
    contacts = await whole_people.contact_points(tx, ids)
    events = await whole_people.event_counts(tx, profile_ids)
    people: dict[UUID, list[Any]] = {}
    for row in rows:
        people.setdefault(row["profile_id"], []).append(row)
    owner = {row["identity_id"]: row["profile_id"] for row in rows}
    theirs, reached, claimed = (_by_owner(rows, owner) for rows in (identifiers, contacts, claims))
    found = {}
    for profile_id, own in people.items():
        traits = [identity_traits(r, cipher) for r in own]
        profile = _profile(
            own,
            traits,
            theirs.get(profile_id, ()),
            claimed.get(profile_id, ()),
            reached.get(profile_id, ()),
            cipher,
            in_full=in_full,
        )
        profile.event_count = events.get(profile_id, 0)
        profile.etag = etag_of((r["identity_id"], r["version"], r["trait_times"]) for r in own)
        found[profile_id] = profile
    return found


async def load_person(tx: Tx, profile_id: UUID, cipher: WorkspaceCipher) -> pb.Profile:
    """One person of today, with where traits are from, lifetime counts, sums of orders, accounts and consents."""
    profile = (await load_people(tx, [profile_id], cipher))[profile_id]
    rows = await whole_people.identities(tx, [profile_id])
    traits = fold(identity_traits(row, cipher) for row in rows)
    ids = [row["identity_id"] for row in rows]
    await add_facets(tx, profile, ids, traits)
    points = {row["contact_key"]: row["type"] for row in await whole_people.contact_points(tx, ids)}
    said = await consent_queries.of_person(tx, ids, points)
    required, _ = await consents.required(tx)
    profile.no_profiling = said.no_profiling
    profile.consents.extend(in_force(one, required) for one in said.in_force)
    return profile


async def load_past(tx: Tx, profile_id: UUID, at: datetime, cipher: WorkspaceCipher) -> pb.Profile | None:
    """The person of today with what had been said by then; None when nothing had."""
    rows = await whole_people.identities_at(tx, profile_id, at)
    ids = [r["identity_id"] for r in rows]
    said: dict[UUID, list[tuple[Stamp, dict[str, Any]]]] = {}
    for row in await whole_people.statements(tx, ids, at):
        said.setdefault(row["identity_id"], []).append(_statement(row, cipher))
    keeping = {name for r in rows for name in identity_traits(r, cipher).kept}
    traits = [
        traits_at(identity_traits(r, cipher), said.get(r["identity_id"], ()), to_ms(at), keeping)
        for r in rows
    ]
    if not any(one.stamps for one in traits) and all(r["created_at"] > at for r in rows):
        return None
    identifiers = await whole_people.identifiers(tx, ids, at)
    claims = await whole_people.claims(tx, ids, at)
    contacts = await whole_people.contact_points(tx, ids, at)
    profile = _profile(rows, traits, identifiers, claims, contacts, cipher)
    profile.event_count = (await whole_people.event_counts(tx, [profile_id], at)).get(profile_id, 0)
    return profile


def identity_traits(row: Any, cipher: WorkspaceCipher) -> Traits:
    """Public and personal ones together."""
    held = {}
    if row["sealed_traits"]:
        held = msgspec.json.decode(cipher.open(row["sealed_traits"], b"traits" + row["identity_id"].bytes))
    return decode({**row["traits"], **held}, row["trait_times"])


def _statement(row: Any, cipher: WorkspaceCipher) -> tuple[Stamp, dict[str, Any]]:
    held = {}
    if row["sealed_traits"]:
        place = said_place(row["identity_id"], row["message_id"])
        held = msgspec.json.decode(cipher.open(row["sealed_traits"], place))
    stamp = Stamp(row["rank"], to_ms(row["said_at"]), row["message_id"], row["source"])
    return stamp, {**row["traits"], **held}


def _by_owner(rows: Sequence[Any], owner: Mapping[UUID, UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(owner[row["identity_id"]], []).append(row)
    return found


def _profile(
    rows: Sequence[Any],
    traits: Sequence[Traits],
    identifiers: Sequence[Any],
    claims: Sequence[Any],
    contacts: Sequence[Any],
    cipher: WorkspaceCipher,
    *,
    in_full: bool = False,
) -> pb.Profile:
    keys = {(r["type"], r["scope"], r["value_key"]) for r in identifiers}
    profile = pb.Profile(
        profile_id=str(rows[0]["profile_id"]),
        profile_no=rows[0]["profile_no"],
        traits_json=msgspec.json.encode(dict(sorted(fold(traits).values.items()))),
        identifiers=[_identifier(r, cipher, in_full) for r in identifiers],
        contact_points=_contact_points(contacts, keys, cipher if in_full else None),
        version=max(r["version"] for r in rows),
    )
    profile.identifiers.extend(_claims(claims, keys))
    profile.create_time.FromDatetime(min(r["created_at"] for r in rows))
    profile.update_time.FromDatetime(max(r["updated_at"] for r in rows))
    return profile


def _identifier(row: Any, cipher: WorkspaceCipher, in_full: bool) -> pb.ProfileIdentifier:
    found = pb.ProfileIdentifier(
        type=row["type"],
        scope=row["scope"],
        value=plain_value(row, cipher) if in_full else shown_value(row, cipher),
        identity_id=str(row["identity_id"]),
    )
    found.create_time.FromDatetime(row["created_at"])
    return found


def _claims(rows: Sequence[Any], keys: Collection[Key]) -> list[pb.ProfileIdentifier]:
    """Each once, without what is the person's identifier anyway."""
    found: dict[Key, pb.ProfileIdentifier] = {}
    for row in rows:
        key = (row["type"], row["scope"], row["value"].encode())
        if key not in keys and key not in found:
            one = pb.ProfileIdentifier(
                type=row["type"],
                scope=row["scope"],
                value=row["value"],
                identity_id=str(row["identity_id"]),
                unverified=True,
            )
            one.create_time.FromDatetime(row["first_time"])
            found[key] = one
    return list(found.values())


def _contact_points(
    rows: Sequence[Any], keys: Collection[Key], cipher: WorkspaceCipher | None
) -> list[pb.ContactPoint]:
    """In the order in which they are chosen to write to, an address once; masked without a cipher."""
    newest = {(r["type"], r["contact_key"]): r for r in reversed(rows)}
    found = []
    for (kind, key), row in sorted(newest.items(), key=lambda i: i[1]["event_time"], reverse=True):
        address = row["masked"]
        if cipher is not None:
            address = cipher.open(row["sealed_address"], b"contact" + row["contact_key"]).decode()
        point = pb.ContactPoint(
            type=kind, contact_key=key.hex(), address=address, verified=(kind, "", key) in keys
        )
        point.update_time.FromDatetime(row["event_time"])
        found.append(point)
    return found
