"""QR codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from chassis.database import Tx

from gateway_service.store import public_links


class SceneTaken(Exception):
    """Another code has that scene."""


@dataclass(frozen=True, slots=True)
class StoredCode:
    qr_code_id: UUID
    token: str
    name: str
    revision: int
    """Counts changes."""
    definition: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime


async def add(tx: Tx, code: StoredCode) -> StoredCode:
    """The code; the stored one when there is one of that id. Raises SceneTaken."""
    if known := await get(tx, code.qr_code_id):
        return known
    try:
        row = await tx.fetchrow(
            _ADD, tx.workspace_id, code.qr_code_id, code.token, code.name, dict(code.definition),
            code.definition["scene"], code.created_at,
        )  # fmt: skip
    except asyncpg.UniqueViolationError as error:
        raise SceneTaken from error
    await public_links.add(tx, code.token, "qr_code", code.qr_code_id)
    return StoredCode(*row)


async def get(tx: Tx, qr_code_id: UUID, *, lock: bool = False) -> StoredCode | None:
    row = await tx.fetchrow(_GET + (" FOR UPDATE" if lock else ""), tx.workspace_id, qr_code_id)
    return StoredCode(*row) if row else None


async def of_scene(tx: Tx, scene: str) -> StoredCode | None:
    row = await tx.fetchrow(_OF_SCENE, tx.workspace_id, scene)
    return StoredCode(*row) if row else None


async def page(tx: Tx, size: int, after: UUID | None) -> list[StoredCode]:
    """Newest first, from behind the code `after`."""
    return [StoredCode(*row) for row in await tx.fetch(_PAGE, tx.workspace_id, after, size)]


async def replace(
    tx: Tx, qr_code_id: UUID, name: str, definition: Mapping[str, Any], now: datetime
) -> StoredCode:
    """Raises SceneTaken."""
    try:
        row = await tx.fetchrow(
            _REPLACE, tx.workspace_id, qr_code_id, name, dict(definition), definition["scene"], now
        )
    except asyncpg.UniqueViolationError as error:
        raise SceneTaken from error
    return StoredCode(*row)


async def remove(tx: Tx, qr_code_id: UUID) -> None:
    """With all that is counted of it."""
    await public_links.remove(tx, "qr_code", qr_code_id)
    for statement in _REMOVE:
        await tx.execute(statement, tx.workspace_id, qr_code_id)


_COLUMNS = "qr_code_id, token, name, revision, definition, created_at, updated_at"
_ADD = f"""
INSERT INTO qr_codes (workspace_id, qr_code_id, token, name, revision, definition, scene, created_at, updated_at)
VALUES ($1, $2, $3, $4, 1, $5, nullif($6, ''), $7, $7) RETURNING {_COLUMNS}
"""
_GET = f"SELECT {_COLUMNS} FROM qr_codes WHERE workspace_id = $1 AND qr_code_id = $2"
_OF_SCENE = f"SELECT {_COLUMNS} FROM qr_codes WHERE workspace_id = $1 AND scene = $2"
_PAGE = f"""
SELECT {_COLUMNS} FROM qr_codes
WHERE workspace_id = $1 AND ($2::uuid IS NULL OR (created_at, qr_code_id) <
       (SELECT created_at, qr_code_id FROM qr_codes WHERE workspace_id = $1 AND qr_code_id = $2))
ORDER BY created_at DESC, qr_code_id DESC LIMIT $3
"""
_REPLACE = f"""
UPDATE qr_codes
SET name = $3, definition = $4, scene = nullif($5, ''), updated_at = $6, revision = revision + 1
WHERE workspace_id = $1 AND qr_code_id = $2 RETURNING {_COLUMNS}
"""
_REMOVE = (
    "DELETE FROM page_counts WHERE workspace_id = $1 AND object_id = $2",
    "DELETE FROM qr_codes WHERE workspace_id = $1 AND qr_code_id = $2",
)
