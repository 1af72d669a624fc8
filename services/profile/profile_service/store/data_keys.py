"""Wrapped data keys of all workspaces: a system table, since they are learnt before anything of a workspace is read."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chassis.data_keys import DataKey
from chassis.database import Database, Tx


async def made_since(database: Database, since: datetime | None) -> list[DataKey]:
    async with database.connection() as connection:
        rows = await connection.fetch(_MADE_SINCE, since)
    return [_key(row) for row in rows]


async def of_workspace(tx: Tx) -> list[DataKey]:
    """Newest first."""
    return [_key(row) for row in await tx.fetch(_OF_WORKSPACE, tx.workspace_id)]


async def add(tx: Tx, key: DataKey) -> None:
    await tx.execute(_ADD, key.workspace_id, key.key_id, key.wrapped, key.created_at)


async def rewrap(database: Database, keys: Iterable[DataKey]) -> None:
    """Replaces the wrapping of keys."""
    async with database.connection() as connection:
        await connection.executemany(_REWRAP, [(k.workspace_id, k.key_id, k.wrapped) for k in keys])


def _key(row: Any) -> DataKey:
    return DataKey(row["workspace_id"], row["key_id"], row["wrapped"], row["created_at"])


_MADE_SINCE = """
SELECT workspace_id, key_id, wrapped, created_at FROM data_keys
WHERE $1::timestamptz IS NULL OR created_at >= $1 ORDER BY created_at
"""
_OF_WORKSPACE = """
SELECT workspace_id, key_id, wrapped, created_at FROM data_keys
WHERE workspace_id = $1 ORDER BY created_at DESC, key_id DESC
"""
_ADD = "INSERT INTO data_keys (workspace_id, key_id, wrapped, created_at) VALUES ($1, $2, $3, $4)"
_REWRAP = "UPDATE data_keys SET wrapped = $3 WHERE workspace_id = $1 AND key_id = $2"
