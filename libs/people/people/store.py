"""All SQL of the map. A person is locked by the row of the identity that names them.

Keys are looked up one by one (`CROSS JOIN LATERAL`), in the order given: a plain join would leave it to statistics
whether a batch reads its own rows or the whole workspace, and a young table has none.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

from people.memberships import Membership, Moved, newest, plan_changes


@dataclass(frozen=True, slots=True)
class Settled:
    today: dict[UUID, Membership]
    """Of every identity heard of."""
    moved: list[Moved]
    news: frozenset[UUID]
    """Identities never heard of before, or whose membership is newer than the one known."""


async def load(tx: Tx, identity_ids: Iterable[UUID]) -> dict[UUID, Membership]:
    """Today's membership of each identity that is known."""
    ids = list(set(identity_ids))
    if not ids:
        return {}
    rows = await tx.fetch(_LOAD, tx.workspace_id, [bucket_of(i) for i in ids], ids)
    return {r["identity_id"]: _membership(r) for r in rows}


async def resolve(tx: Tx, profile_ids: Iterable[UUID]) -> dict[UUID, Membership]:
    """Profile ids, also of people merged since → the membership whose profile_id is who they are today."""
    return await load(tx, profile_ids)


async def members(tx: Tx, profile_ids: Iterable[UUID]) -> dict[UUID, list[Membership]]:
    """All identities of each person."""
    found: dict[UUID, list[Membership]] = {}
    for row in await tx.fetch(_MEMBERS, tx.workspace_id, list(set(profile_ids))):
        found.setdefault(row["profile_id"], []).append(_membership(row))
    return found


async def settle(
    tx: Tx, heard: Iterable[Membership], holding: Container[UUID] | None = None
) -> tuple[dict[UUID, Membership], list[Moved]]:
    """Takes in what was heard, and locks people concerned until the transaction ends.

    Locked is everybody who gains or loses an identity, and whose identity is in `holding` (None: everybody heard of).
    Who is heard of and neither changes nor is held costs one look-up: what is written about their identities must
    not depend on who they are.

    Returns today's membership of every identity heard of, and who moved. Locks are taken in (bucket, identity)
    order; if a person changed while waiting for them, looks again. So it does when another transaction was first
    to store an identity that was new to both: no lock is common to them, and the other's person is concerned too.
    """
    settled = await settle_news(tx, heard, holding)
    return settled.today, settled.moved


async def settle_news(tx: Tx, heard: Iterable[Membership], holding: Container[UUID] | None = None) -> Settled:
    """As `settle`, and says which identities were new or have a newer membership."""
    changes = newest(heard)
    watched = changes if holding is None else await _watched(tx, changes, holding)
    known, locked = await _lock_heard(tx, watched)
    inserted: set[UUID] = set()
    while True:
        fresh, moved = plan_changes(known, watched)
        new = [m for m in fresh.values() if m.identity_id not in known]
        concerned = {m.profile_id for m in known.values()} | {m.profile_id for m in fresh.values()}
        # Who is new altogether is held by the insert of the row that names them.
        concerned -= {m.profile_id for m in new if m.profile_id == m.identity_id} | locked
        if concerned:
            await _lock(tx, _leaders(concerned, known, fresh))
            locked |= concerned
            known = await load(tx, watched)
            continue
        written = await _write(tx, _INSERT_MISSING, new) if new else []
        inserted |= {r["identity_id"] for r in written}
        if len(written) == len(new):
            break
        known = await load(tx, watched)
    newer = [m for m in fresh.values() if m.identity_id in known]
    if newer:
        await _write(tx, _UPDATE, newer)
    return Settled({**changes, **known, **fresh}, moved, frozenset(fresh) | inserted)


async def hold(tx: Tx, persons: Mapping[UUID, UUID]) -> dict[UUID, Membership]:
    """Locks the people of these identities (identity → the person it was last seen to be) until the transaction ends.
    Returns who they are today."""
    # Of version -1: whatever is known is newer, and nothing is written.
    guesses = [Membership(identity_id, person, 0, -1) for identity_id, person in persons.items()]
    today, _ = await settle(tx, guesses)
    return today


async def _lock_heard(tx: Tx, watched: Mapping[UUID, Membership]) -> tuple[dict[UUID, Membership], set[UUID]]:
    """What is known of the identities, and the people who are locked. Mostly each identity names its own person: then
    one trip locks and reads. Otherwise nobody is locked yet: a guess that is wrong would mean locks out of order."""
    if any(m.profile_id != i for i, m in watched.items()):
        return await load(tx, watched), set()
    rows = await _select_for_update(tx, watched) if watched else []
    known = {r["identity_id"]: _membership(r) for r in rows}
    return known, set(known)


async def _watched(
    tx: Tx, changes: Mapping[UUID, Membership], holding: Container[UUID]
) -> dict[UUID, Membership]:
    """The changes whose person has to be held: those asked for, and what is not known just as it was heard."""
    quiet = [m for i, m in changes.items() if i not in holding]
    if not quiet:
        return dict(changes)
    ids = [m.identity_id for m in quiet]
    rows = await tx.fetch(
        _UNHEARD, tx.workspace_id, [bucket_of(i) for i in ids], ids, [m.version for m in quiet]
    )
    unheard = {r["identity_id"] for r in rows}
    return {i: m for i, m in changes.items() if i in holding or i in unheard}


def _leaders(
    concerned: Iterable[UUID], known: Mapping[UUID, Membership], fresh: Mapping[UUID, Membership]
) -> list[Membership]:
    """The naming row of each person. Version -1: anything that is ever heard of that identity is newer."""
    numbers = {m.profile_id: m.profile_no for m in (*known.values(), *fresh.values())}
    return [Membership(p, p, numbers[p], -1) for p in concerned]


async def _lock(tx: Tx, leaders: list[Membership]) -> None:
    ids = {m.identity_id for m in leaders}
    if len(await _select_for_update(tx, ids)) < len(ids):
        await _write(tx, _INSERT_MISSING, leaders)
        await _select_for_update(tx, ids)


async def _select_for_update(tx: Tx, identity_ids: Iterable[UUID]) -> list[Any]:
    keys = sorted((bucket_of(i), i) for i in identity_ids)
    return await tx.fetch(_LOCK, tx.workspace_id, [bucket for bucket, _ in keys], [i for _, i in keys])


async def _write(tx: Tx, statement: str, memberships: Iterable[Membership]) -> list[Any]:
    """Returns a row for each row written."""
    rows = sorted(memberships, key=lambda m: (bucket_of(m.identity_id), m.identity_id))
    return await tx.fetch(
        statement,
        tx.workspace_id,
        [bucket_of(m.identity_id) for m in rows],
        [m.identity_id for m in rows],
        [m.profile_id for m in rows],
        [m.profile_no for m in rows],
        [m.version for m in rows],
    )


def _membership(row: Any) -> Membership:
    return Membership(*row)


_LOAD = """
SELECT p.identity_id, p.profile_id, p.profile_no, p.version
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id) CROSS JOIN LATERAL (
  SELECT * FROM people WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id OFFSET 0
) p
"""
_UNHEARD = """
SELECT k.identity_id FROM unnest($2::smallint[], $3::uuid[], $4::bigint[]) AS k (bucket, identity_id, version)
WHERE NOT EXISTS (
  SELECT FROM people WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id
    AND version = k.version OFFSET 0
)
"""
_MEMBERS = """
SELECT p.identity_id, p.profile_id, p.profile_no, p.version
FROM unnest($2::uuid[]) AS k (profile_id) CROSS JOIN LATERAL (
  SELECT * FROM people WHERE workspace_id = $1 AND profile_id = k.profile_id OFFSET 0
) p
"""
_LOCK = """
SELECT p.identity_id, p.profile_id, p.profile_no, p.version
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id) CROSS JOIN LATERAL (
  SELECT * FROM people
  WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id FOR UPDATE
) p
"""
_INSERT_MISSING = """
INSERT INTO people (workspace_id, bucket, identity_id, profile_id, profile_no, version)
SELECT $1, * FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::bigint[], $6::bigint[])
ON CONFLICT DO NOTHING RETURNING identity_id
"""
_UPDATE = """
INSERT INTO people (workspace_id, bucket, identity_id, profile_id, profile_no, version)
SELECT $1, * FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::bigint[], $6::bigint[])
ON CONFLICT (workspace_id, bucket, identity_id) DO UPDATE
SET profile_id = excluded.profile_id, profile_no = excluded.profile_no, version = excluded.version
WHERE people.version < excluded.version RETURNING identity_id
"""
