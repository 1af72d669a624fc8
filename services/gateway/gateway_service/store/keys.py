"""Workspaces and their keys. A key is stored as its SHA-256 only: it is 43 random characters, so that is enough."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import asyncpg
from chassis.database import Database
from chassis.ids import new_id

ALL_SCOPES = "*"


class NameTaken(Exception):
    """A workspace of that name exists."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What a key stands for."""

    workspace_id: UUID
    kind: str
    scopes: frozenset[str]
    name: str
    expires_at: datetime | None

    def allows(self, scope: str) -> bool:
        return ALL_SCOPES in self.scopes or scope in self.scopes


@dataclass(frozen=True, slots=True)
class NewWorkspace:
    workspace_id: UUID
    write_key: str
    secret_key: str


def key_hash(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogateescape")).digest()


class KeyStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, hashed: bytes) -> Credential | None:
        async with self._database.connection() as connection:
            row = await connection.fetchrow(_FIND, hashed)
        if row is None:
            return None
        return Credential(
            row["workspace_id"], row["kind"], frozenset(row["scopes"]), row["name"], row["expires_at"]
        )

    async def create_workspace(self, name: str) -> NewWorkspace:
        """A workspace with one write key and one secret key; NameTaken when there is one of that name."""
        created = NewWorkspace(new_id(), _new_key("write"), _new_key("secret"))
        async with self._database.connection() as connection, connection.transaction():
            try:
                await connection.execute(_INSERT_WORKSPACE, created.workspace_id, name)
            except asyncpg.UniqueViolationError as error:
                raise NameTaken(name) from error
            for kind, key in (("write", created.write_key), ("secret", created.secret_key)):
                await connection.execute(
                    _INSERT_KEY,
                    key_hash(key),
                    created.workspace_id,
                    kind,
                    [ALL_SCOPES],
                    f"default {kind} key",
                )
        return created


def _new_key(kind: str) -> str:
    return f"wp_{kind}_{secrets.token_urlsafe(32)}"


_FIND = """
SELECT workspace_id, kind, scopes, name, expires_at FROM api_keys WHERE key_hash = $1
"""
_INSERT_WORKSPACE = """
INSERT INTO workspaces (workspace_id, name) VALUES ($1, $2)
"""
_INSERT_KEY = """
INSERT INTO api_keys (key_hash, workspace_id, kind, scopes, name) VALUES ($1, $2, $3, $4, $5)
"""
