"""Rows that older keys sealed, table by table and bucket by bucket, and how far that is."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from chassis.database import Tx

BUCKETS = 256


class Sealed(NamedTuple):
    """A column that is sealed; `keys` are the rest of the primary key behind workspace and bucket."""

    table: str
    column: str
    keys: Sequence[tuple[str, str]]
    """(column, type)."""
    place: Callable[[Any], bytes]
    """What a row's value is bound to."""


async def progress(tx: Tx, key_id: UUID) -> Any:
    """The workspace's progress towards the key, held; None while another replica is at it."""
    await tx.execute(_BEGIN, tx.workspace_id, key_id)
    return await tx.fetchrow(_HOLD, tx.workspace_id)


async def note(tx: Tx, step: int, resealed: int, damaged: int, ended_at: datetime | None) -> None:
    await tx.execute(_NOTE, tx.workspace_id, step, resealed, damaged, ended_at)


async def told(tx: Tx) -> Any:
    """The progress, or None before the first."""
    return await tx.fetchrow("SELECT * FROM reseals WHERE workspace_id = $1", tx.workspace_id)


async def under_old_keys(tx: Tx, sealed: Sealed, bucket: int, begins: bytes, limit: int) -> list[Any]:
    """Rows of the bucket whose value does not begin so, held."""
    keys = ", ".join(name for name, _ in sealed.keys)
    statement = _UNDER_OLD_KEYS.format(table=sealed.table, column=sealed.column, keys=keys)
    return await tx.fetch(statement, tx.workspace_id, bucket, begins, limit)


async def write(tx: Tx, sealed: Sealed, bucket: int, rows: Sequence[Any], values: Sequence[bytes]) -> None:
    names = ", ".join(name for name, _ in sealed.keys)
    arrays = ", ".join(f"${at}::{kind}[]" for at, (_, kind) in enumerate(sealed.keys, 4))
    same = " AND ".join(f"t.{name} = r.{name}" for name, _ in sealed.keys)
    statement = _WRITE.format(table=sealed.table, column=sealed.column, names=names, arrays=arrays, same=same)
    await tx.execute(
        statement, tx.workspace_id, bucket, values, *([row[name] for row in rows] for name, _ in sealed.keys)
    )


_BEGIN = """
INSERT INTO reseals AS r (workspace_id, key_id, step, resealed, damaged) VALUES ($1, $2, 0, 0, 0)
ON CONFLICT (workspace_id) DO UPDATE SET key_id = excluded.key_id, step = 0, resealed = 0, damaged = 0, ended_at = NULL
WHERE r.key_id <> excluded.key_id
"""
_HOLD = "SELECT * FROM reseals WHERE workspace_id = $1 FOR UPDATE SKIP LOCKED"
_NOTE = """
UPDATE reseals SET step = $2, resealed = resealed + $3, damaged = damaged + $4, ended_at = $5 WHERE workspace_id = $1
"""
_UNDER_OLD_KEYS = """
SELECT {keys}, {column} AS sealed FROM {table}
WHERE workspace_id = $1 AND bucket = $2 AND {column} IS NOT NULL AND substring({column} FROM 1 FOR length($3::bytea)) <> $3
ORDER BY {keys} LIMIT $4 FOR UPDATE
"""
_WRITE = """
UPDATE {table} t SET {column} = r.sealed FROM unnest($3::bytea[], {arrays}) AS r (sealed, {names})
WHERE t.workspace_id = $1 AND t.bucket = $2 AND {same}
"""
