"""The ledger of consents. An entry has a row under each identity that it was recorded for.

Keys are looked up one by one (`CROSS JOIN LATERAL`), as in `identifiers`. What is read for a decision is the newest
entry of each identity, contact point and scope: so a long history costs no more than a short one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of
from consents import Entry, Scope

from profile_service.domain.identity import Member

PLANNED_ANEW = "SET LOCAL plan_cache_mode = force_custom_plan"
"""Opens a transaction, or the part of one, that asks who has a contact point. Of the two indexes that could tell, an
empty table makes the wrong one look as good, and a plan that is kept would stay with it while the table grows."""
PROOF = b"consent"
"""Place of a sealed proof, before the entry's id."""
Subject = tuple[str, bytes]
"""(channel, contact key or bytes of an identity's id)."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An entry to be added. Its proof is sealed."""

    consent_id: UUID
    contact_key: bytes
    scope: Scope
    withdrawn: bool
    legal_basis: str
    text_version: str
    source: str
    sealed_proof: bytes | None
    recorded_by: str


async def members(tx: Tx, identity_ids: Collection[UUID]) -> dict[UUID, list[Member]]:
    """Each identity that is known → all identities of its person."""
    found: dict[UUID, list[Member]] = {}
    ids = list(identity_ids)
    for row in await tx.fetch(_MEMBERS, tx.workspace_id, [bucket_of(i) for i in ids], ids):
        member = Member(
            row["identity_id"], row["profile_id"], row["profile_no"], row["version"], row["through"]
        )
        found.setdefault(row["named"], []).append(member)
    return found


async def insert(tx: Tx, said: Sequence[tuple[UUID, NewEntry]], now: datetime) -> None:
    """Adds each entry under its identity; one that is there already stays."""
    rows = [
        (
            bucket_of(identity_id),
            identity_id,
            entry.consent_id,
            entry.contact_key,
            *entry.scope,
            entry.withdrawn,
            entry.legal_basis,
            entry.text_version,
            entry.source,
            entry.sealed_proof,
            entry.recorded_by,
        )
        for identity_id, entry in said
    ]
    columns = (list(column) for column in zip(*rows, strict=True))
    await tx.execute(_INSERT, tx.workspace_id, now, *columns)
    if about := sorted(
        {(entry.contact_key, identity_id) for identity_id, entry in said if entry.contact_key}
    ):
        keys, ids = [key for key, _ in about], [identity_id for _, identity_id in about]
        await tx.execute(_INSERT_CONTACT_POINTS, tx.workspace_id, keys, ids, [bucket_of(i) for i in ids])


async def lock(tx: Tx, subjects: Collection[Subject]) -> dict[Subject, int]:
    """A version for what will be told of each subject, higher than any told before. Until the transaction ends nobody
    else can tell anything of them."""
    rows = sorted(subjects, key=lambda s: (s[1], s[0]))
    found = await tx.fetch(_LOCK, tx.workspace_id, [c for c, _ in rows], [s for _, s in rows])
    return {(row["channel"], row["subject"]): row["version"] for row in found}


async def versions(tx: Tx, subjects: Collection[Subject]) -> dict[Subject, int]:
    """The newest that was told of each. Read before the entries, so that these are not older."""
    rows = list(subjects)
    found = await tx.fetch(_VERSIONS, tx.workspace_id, [c for c, _ in rows], [s for _, s in rows])
    return {(row["channel"], row["subject"]): row["version"] for row in found}


async def of_identities(
    tx: Tx, identity_ids: Sequence[UUID], channels: Collection[str] | None = None
) -> list[Entry]:
    """`channels`: None for all; entries of every channel are always among them."""
    buckets = [bucket_of(i) for i in identity_ids]
    rows = await tx.fetch(_OF_IDENTITIES, tx.workspace_id, _or_all(channels), buckets, identity_ids)
    return [_entry(row) for row in rows]


async def of_people(
    tx: Tx, profile_ids: Sequence[UUID], channels: Collection[str]
) -> dict[UUID, list[Entry]]:
    """Person → entries of all identities that they are today."""
    found: dict[UUID, list[Entry]] = {}
    for row in await tx.fetch(_OF_PEOPLE, tx.workspace_id, _or_all(channels), profile_ids):
        found.setdefault(row["profile_id"], []).append(_entry(row))
    return found


async def of_contact_points(
    tx: Tx, contact_keys: Sequence[bytes], channels: Collection[str] | None = None
) -> dict[bytes, list[Entry]]:
    """Contact key → entries of everybody who has it, or ever said something about it."""
    found: dict[bytes, list[Entry]] = {}
    for row in await tx.fetch(_OF_CONTACT_POINTS, tx.workspace_id, _or_all(channels), contact_keys):
        found.setdefault(row["held"], []).append(_entry(row))
    return found


async def last_holders(tx: Tx, contact_keys: Collection[bytes]) -> dict[bytes, UUID]:
    """The identity that each contact point was last said to be of; one that nobody has is missing."""
    rows = await tx.fetch(_LAST_HOLDERS, tx.workspace_id, list(contact_keys))
    return {row["contact_key"]: row["identity_id"] for row in rows}


async def required(tx: Tx) -> tuple[bool, bool]:
    """Whether marketing needs a grant; and whether anybody ever said anything here."""
    row = await tx.fetchrow(_REQUIRED, tx.workspace_id)
    return row["required"], row["said"]


async def settings(tx: Tx) -> Any:
    """The row; None while it is the default."""
    return await tx.fetchrow(_SETTINGS, tx.workspace_id)


async def set_settings(tx: Tx, consent_required: bool, now: datetime) -> None:
    await tx.execute(_SET_SETTINGS, tx.workspace_id, consent_required, now)


def _or_all(channels: Collection[str] | None) -> list[str] | None:
    return None if channels is None else ["", *channels]


def _entry(row: Any) -> Entry:
    scope = Scope(row["channel"], row["purpose"], row["topic"], row["org_unit_id"])
    return Entry(
        row["consent_id"], row["identity_id"], row["contact_key"], scope, row["withdrawn"], row["source"]
    )


# One statement, so that a merge meanwhile is seen whole or not at all.
_MEMBERS = """
SELECT k.named, m.* FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, named) CROSS JOIN LATERAL (
  SELECT profile_id FROM memberships WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.named
    AND valid_to = 'infinity' OFFSET 0
) p CROSS JOIN LATERAL (
  SELECT identity_id, profile_id, profile_no, version, through FROM memberships
  WHERE workspace_id = $1 AND profile_id = p.profile_id AND valid_to = 'infinity' OFFSET 0
) m
"""
_INSERT = """
INSERT INTO consents (workspace_id, bucket, identity_id, consent_id, contact_key, channel, purpose, topic, org_unit_id,
                      withdrawn, legal_basis, text_version, source, sealed_proof, recorded_by, recorded_at)
SELECT $1, r.*, $2
FROM unnest($3::smallint[], $4::uuid[], $5::uuid[], $6::bytea[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::boolean[], $12::text[], $13::text[], $14::text[], $15::bytea[], $16::text[]) AS r
ON CONFLICT DO NOTHING
"""
_INSERT_CONTACT_POINTS = """
INSERT INTO consent_contact_points (workspace_id, bucket, contact_key, identity_id, identity_bucket)
SELECT $1, get_byte(k, 0), k, i, b FROM unnest($2::bytea[], $3::uuid[], $4::smallint[]) AS r (k, i, b)
ON CONFLICT DO NOTHING
"""
# The version of a row that another transaction holds is drawn once that has ended.
_LOCK = """
INSERT INTO consent_versions (workspace_id, bucket, channel, subject, version)
SELECT $1, get_byte(s, 0), c, s, nextval('consent_version') FROM unnest($2::text[], $3::bytea[]) AS r (c, s)
ON CONFLICT (workspace_id, bucket, channel, subject) DO UPDATE SET version = nextval('consent_version')
RETURNING channel, subject, version
"""


_VERSIONS = """
SELECT v.channel, v.subject, v.version FROM unnest($2::text[], $3::bytea[]) AS k (channel, subject) CROSS JOIN LATERAL (
  SELECT channel, subject, version FROM consent_versions
  WHERE workspace_id = $1 AND bucket = get_byte(k.subject, 0) AND channel = k.channel AND subject = k.subject OFFSET 0
) v
"""


def _newest(identity: str, condition: str = "") -> str:
    """The newest entries of `identity`, a row with bucket and identity_id."""
    return f"""CROSS JOIN LATERAL (
  SELECT DISTINCT ON (channel, purpose, topic, org_unit_id, contact_key)
    consent_id, identity_id, contact_key, channel, purpose, topic, org_unit_id, withdrawn, source
  FROM consents
  WHERE workspace_id = $1 AND bucket = {identity}.bucket AND identity_id = {identity}.identity_id
    AND ($2::text[] IS NULL OR channel = ANY($2)) {condition}
  ORDER BY channel, purpose, topic, org_unit_id, contact_key, consent_id DESC OFFSET 0
) e"""


_OF_IDENTITIES = f"""
SELECT e.* FROM unnest($3::smallint[], $4::uuid[]) AS k (bucket, identity_id) {_newest("k")}
"""
_OF_PEOPLE = f"""
SELECT k.profile_id, e.* FROM unnest($3::uuid[]) AS k (profile_id) CROSS JOIN LATERAL (
  SELECT bucket, identity_id FROM memberships
  WHERE workspace_id = $1 AND profile_id = k.profile_id AND valid_to = 'infinity' OFFSET 0
) m {_newest("m")}
"""
_OF_CONTACT_POINTS = f"""
SELECT k.contact_key AS held, e.* FROM unnest($3::bytea[]) AS k (contact_key) CROSS JOIN LATERAL (
  SELECT bucket, identity_id FROM contact_points WHERE workspace_id = $1 AND contact_key = k.contact_key
  UNION
  SELECT identity_bucket, identity_id FROM consent_contact_points
  WHERE workspace_id = $1 AND bucket = get_byte(k.contact_key, 0) AND contact_key = k.contact_key
) h {_newest("h", "AND contact_key IN ('', k.contact_key)")}
"""
_LAST_HOLDERS = """
SELECT h.* FROM unnest($2::bytea[]) AS k (contact_key) CROSS JOIN LATERAL (
  SELECT contact_key, identity_id FROM contact_points WHERE workspace_id = $1 AND contact_key = k.contact_key
  ORDER BY event_time DESC, identity_id LIMIT 1
) h
"""
_REQUIRED = """
SELECT EXISTS (SELECT FROM consent_settings WHERE workspace_id = $1 AND consent_required) AS required,
       EXISTS (SELECT FROM consents WHERE workspace_id = $1) AS said
"""
_SETTINGS = "SELECT consent_required, updated_at FROM consent_settings WHERE workspace_id = $1"
_SET_SETTINGS = """
INSERT INTO consent_settings (workspace_id, consent_required, updated_at) VALUES ($1, $2, $3)
ON CONFLICT (workspace_id) DO UPDATE SET consent_required = excluded.consent_required, updated_at = excluded.updated_at
"""
