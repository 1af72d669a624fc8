"""Workspaces and their keys. A key is stored as its SHA-256 only: it is 43 random characters, so that is enough.

At most two keys of one name and kind work at the same time, so that the one can be replaced by the other while
everything that uses it runs.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

import asyncpg
from chassis.database import Database, Tx
from chassis.ids import new_id

from gateway_service.roles import ALL, INGESTION, grants

MOST_ACTIVE = 2
"""Working keys of one name and kind."""


class NameTaken(Exception):
    """A workspace, or a working key, of that name exists."""


class NoSuchKey(Exception):
    """No key of that id in this workspace."""


class NotWorking(Exception):
    """The key has expired or was revoked."""


class TooManyActive(Exception):
    """Two keys of that name work already."""


class LastKey(Exception):
    """Without this key nobody could make another."""


@dataclass(frozen=True, slots=True)
class Credential:
    """Who calls: a key, or a member who came with a token."""

    workspace_id: UUID
    kind: str
    """write, secret, or member."""
    scopes: frozenset[str]
    name: str
    """Of the key; of a member `member:` and the id. What rights, audit and idempotency go by."""
    expires_at: datetime | None
    org_units: tuple[str, ...] = ()
    """The org units it is confined to; none: the whole workspace."""
    id: UUID | None = None

    def allows(self, scope: str) -> bool:
        return grants(self.scopes, scope)


@dataclass(frozen=True, slots=True)
class NewWorkspace:
    workspace_id: UUID
    write_key: str
    secret_key: str


@dataclass(frozen=True, slots=True)
class Key:
    """A stored key: everything but the key itself."""

    key_id: UUID
    kind: str
    name: str
    scopes: Sequence[str]
    org_units: Sequence[str]
    hint: str
    """The last four characters."""
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        if self.revoked_at:
            return "revoked"
        if self.expires_at and self.expires_at <= now:
            return "expired"
        return "active"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key to be made."""

    kind: str
    name: str
    scopes: Sequence[str]
    org_units: Sequence[str]
    created_by: str
    expires_at: datetime | None


def key_hash(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogateescape")).digest()


class KeyStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, hashed: bytes) -> Credential | None:
        """Whose key it is; None for a key that nobody has, or that was revoked."""
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_FIND, hashed)
        if row is None:
            return None
        return Credential(
            row["workspace_id"],
            row["kind"],
            frozenset(row["scopes"]),
            row["name"],
            row["expires_at"],
            tuple(row["org_units"]),
            row["key_id"],
        )

    async def create_workspace(self, name: str) -> NewWorkspace:
        """A workspace with one write key and one secret key; NameTaken when there is one of that name."""
        created = NewWorkspace(new_id(), new_key("write"), new_key("secret"))
        async with self._database.transaction(created.workspace_id) as tx:
            try:
                await tx.execute(_INSERT_WORKSPACE, created.workspace_id, name)
            except asyncpg.UniqueViolationError as error:
                raise NameTaken(name) from error
            for kind, key, scope in (
                ("write", created.write_key, INGESTION),
                ("secret", created.secret_key, ALL),
            ):
                wanted = Wanted(kind, f"default {kind} key", [scope], [], "create-workspace", None)
                await _insert(tx, new_id(), key, wanted)
        return created

    async def create(self, workspace_id: UUID, key_id: UUID, key: str, wanted: Wanted) -> Key:
        """Stores a new key; the stored one when the id was used before. NameTaken when one of the name works."""
        async with self._database.transaction(workspace_id) as tx:
            await _lock(tx)
            if stored := await tx.fetchrow(_GET, workspace_id, key_id):
                return Key(*stored)
            if await tx.fetch(_ACTIVE, workspace_id, wanted.kind, wanted.name):
                raise NameTaken(wanted.name)
            return await _insert(tx, key_id, key, wanted)

    async def rotate(
        self, workspace_id: UUID, key_id: UUID, successor_id: UUID, key: str, by: str, overlap: timedelta
    ) -> Key:
        """A successor with the same name, rights and length of life; the old key works on for `overlap` at most.

        Raises NoSuchKey, NotWorking, TooManyActive."""
        async with self._database.transaction(workspace_id) as tx:
            await _lock(tx)
            if stored := await tx.fetchrow(_GET, workspace_id, successor_id):
                return Key(*stored)
            row = await tx.fetchrow(_GET, workspace_id, key_id)
            if row is None:
                raise NoSuchKey
            old = Key(*row)
            active = [one["key_id"] for one in await tx.fetch(_ACTIVE, workspace_id, old.kind, old.name)]
            if key_id not in active:
                raise NotWorking
            if len(active) >= MOST_ACTIVE:
                raise TooManyActive(old.name)
            now = await tx.fetchval("SELECT now()")
            await tx.execute(_EXPIRE, workspace_id, key_id, now + overlap)
            ends = now + (old.expires_at - old.created_at) if old.expires_at else None
            wanted = Wanted(old.kind, old.name, old.scopes, old.org_units, by, ends)
            return await _insert(tx, successor_id, key, wanted)

    async def revoke(self, workspace_id: UUID, key_id: UUID) -> Key:
        """Ends a key at once; one that has ended stays as it is. Raises NoSuchKey, LastKey."""
        async with self._database.transaction(workspace_id) as tx:
            await _lock(tx)
            row = await tx.fetchrow(_GET, workspace_id, key_id)
            if row is None:
                raise NoSuchKey
            makes_keys = row["kind"] == "secret" and grants(frozenset(row["scopes"]), "keys:write")
            if makes_keys and not await tx.fetchval(_OTHERS, workspace_id, key_id, [ALL, "keys:write"]):
                raise LastKey
            return Key(*await tx.fetchrow(_REVOKE, workspace_id, key_id))

    async def get(self, workspace_id: UUID, key_id: UUID) -> Key:
        async with self._database.connection() as connection:
            stored = await connection.fetchrow(_GET, workspace_id, key_id)
        if stored is None:
            raise NoSuchKey
        return Key(*stored)

    async def page(self, workspace_id: UUID, size: int, after: UUID | None, *, all_states: bool) -> list[Key]:
        """Newest first, from behind the key `after`; working ones only unless `all_states`."""
        async with self._database.connection() as connection:
            rows = await connection.fetch(_PAGE, workspace_id, after, size, all_states)
        return [Key(*row) for row in rows]

    async def used(self, key_ids: Collection[UUID], at: datetime) -> None:
        """Remembers when the keys were last used."""
        async with self._database.connection() as connection:
            await connection.execute(_USED, sorted(key_ids), at)


def new_key(kind: str) -> str:
    return f"wp_{kind}_{secrets.token_urlsafe(32)}"


async def _lock(tx: Tx) -> None:
    """Changes of one workspace's keys come one after the other, so that what is counted stays so."""
    await tx.execute(_LOCK, tx.workspace_id)


async def _insert(tx: Tx, key_id: UUID, key: str, wanted: Wanted) -> Key:
    row = await tx.fetchrow(
        _INSERT,
        key_hash(key),
        tx.workspace_id,
        key_id,
        wanted.kind,
        wanted.name,
        list(wanted.scopes),
        list(wanted.org_units),
        key[-4:],
        wanted.created_by,
        wanted.expires_at,
    )
    return Key(*row)


_COLUMNS = "key_id, kind, name, scopes, org_units, hint, created_at, created_by, expires_at, last_used_at, revoked_at"
_NOW_WORKING = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"
_FIND = """
SELECT workspace_id, kind, scopes, name, expires_at, org_units, key_id FROM api_keys
WHERE key_hash = $1 AND revoked_at IS NULL
"""
_INSERT_WORKSPACE = """
INSERT INTO workspaces (workspace_id, name) VALUES ($1, $2)
"""
_LOCK = """
SELECT 1 FROM workspaces WHERE workspace_id = $1 FOR UPDATE
"""
_GET = f"""
SELECT {_COLUMNS} FROM api_keys WHERE workspace_id = $1 AND key_id = $2
"""
_ACTIVE = f"""
SELECT key_id FROM api_keys WHERE workspace_id = $1 AND kind = $2 AND name = $3 AND {_NOW_WORKING}
"""
_OTHERS = """
SELECT 1 FROM api_keys
WHERE workspace_id = $1 AND key_id <> $2 AND kind = 'secret' AND scopes && $3
  AND revoked_at IS NULL AND expires_at IS NULL
UNION ALL
SELECT 1 FROM members WHERE workspace_id = $1 AND role = 'owner' AND bound
LIMIT 1
"""
_INSERT = f"""
INSERT INTO api_keys (key_hash, workspace_id, key_id, kind, name, scopes, org_units, hint, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
RETURNING {_COLUMNS}
"""
_EXPIRE = """
UPDATE api_keys SET expires_at = least(expires_at, $3) WHERE workspace_id = $1 AND key_id = $2
"""
_REVOKE = f"""
UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE workspace_id = $1 AND key_id = $2
RETURNING {_COLUMNS}
"""
_PAGE = f"""
SELECT {_COLUMNS} FROM api_keys
WHERE workspace_id = $1 AND ($4 OR {_NOW_WORKING})
  AND ($2::uuid IS NULL OR (created_at, key_id) <
       (SELECT created_at, key_id FROM api_keys WHERE workspace_id = $1 AND key_id = $2))
ORDER BY created_at DESC, key_id DESC
LIMIT $3
"""
_USED = """
UPDATE api_keys SET last_used_at = greatest(last_used_at, $2) WHERE key_id = ANY($1::uuid[])
"""
