"""Forms and the versions of them that were published."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

from gateway_service.store import public_links


@dataclass(frozen=True, slots=True)
class StoredForm:
    form_id: UUID
    token: str
    name: str
    state: str
    """draft, open or closed."""
    revision: int
    """Counts changes."""
    version: int
    """The newest that was published; 0: none."""
    definition: Mapping[str, Any]
    """What is being written."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Published:
    version: int
    definition: Mapping[str, Any]
    published_at: datetime
    published_by: str


async def add(tx: Tx, form: StoredForm) -> StoredForm:
    """The form; the stored one when there is one of that id."""
    row = await tx.fetchrow(
        _ADD, tx.workspace_id, form.form_id, form.token, form.name, dict(form.definition), form.created_at
    )
    if row is None:
        stored = await get(tx, form.form_id)
        assert stored is not None  # what keeps the id from being added is there
        return stored
    await public_links.add(tx, form.token, "form", form.form_id)
    return StoredForm(*row)


async def get(tx: Tx, form_id: UUID, *, lock: bool = False) -> StoredForm | None:
    row = await tx.fetchrow(_GET + (" FOR UPDATE" if lock else ""), tx.workspace_id, form_id)
    return StoredForm(*row) if row else None


async def page(tx: Tx, size: int, after: UUID | None) -> list[StoredForm]:
    """Newest first, from behind the form `after`."""
    return [StoredForm(*row) for row in await tx.fetch(_PAGE, tx.workspace_id, after, size)]


async def replace(
    tx: Tx, form_id: UUID, name: str, definition: Mapping[str, Any], now: datetime
) -> StoredForm:
    return StoredForm(*await tx.fetchrow(_REPLACE, tx.workspace_id, form_id, name, dict(definition), now))


async def set_state(tx: Tx, form_id: UUID, state: str, version: int, now: datetime) -> StoredForm:
    return StoredForm(*await tx.fetchrow(_SET_STATE, tx.workspace_id, form_id, state, version, now))


async def publish(tx: Tx, form_id: UUID, one: Published) -> None:
    await tx.execute(
        _PUBLISH, tx.workspace_id, form_id, one.version, dict(one.definition), one.published_at, one.published_by
    )  # fmt: skip


async def version(tx: Tx, form_id: UUID, number: int) -> Published | None:
    row = await tx.fetchrow(_VERSION, tx.workspace_id, form_id, number)
    return Published(*row) if row else None


async def versions(tx: Tx, form_id: UUID, size: int, before: int | None) -> list[Published]:
    """Newest first."""
    return [Published(*row) for row in await tx.fetch(_VERSIONS, tx.workspace_id, form_id, before, size)]


async def remove(tx: Tx, form_id: UUID) -> None:
    """With all that is counted of it. What people answered is theirs, and stays in their time lines."""
    await public_links.remove(tx, "form", form_id)
    for statement in _REMOVE:
        await tx.execute(statement, tx.workspace_id, form_id)
    await tx.execute(_REMOVE_SUBMISSIONS, tx.workspace_id, bucket_of(form_id), form_id)


_COLUMNS = "form_id, token, name, state, revision, version, definition, created_at, updated_at"
_ADD = f"""
INSERT INTO forms (workspace_id, form_id, token, name, state, revision, version, definition, created_at, updated_at)
VALUES ($1, $2, $3, $4, 'draft', 1, 0, $5, $6, $6) ON CONFLICT DO NOTHING RETURNING {_COLUMNS}
"""
_GET = f"SELECT {_COLUMNS} FROM forms WHERE workspace_id = $1 AND form_id = $2"
_PAGE = f"""
SELECT {_COLUMNS} FROM forms
WHERE workspace_id = $1 AND ($2::uuid IS NULL OR (created_at, form_id) <
       (SELECT created_at, form_id FROM forms WHERE workspace_id = $1 AND form_id = $2))
ORDER BY created_at DESC, form_id DESC LIMIT $3
"""
_REPLACE = f"""
UPDATE forms SET name = $3, definition = $4, updated_at = $5, revision = revision + 1
WHERE workspace_id = $1 AND form_id = $2 RETURNING {_COLUMNS}
"""
_SET_STATE = f"""
UPDATE forms SET state = $3, version = $4, updated_at = $5, revision = revision + 1
WHERE workspace_id = $1 AND form_id = $2 RETURNING {_COLUMNS}
"""
_PUBLISH = """
INSERT INTO form_versions (workspace_id, form_id, version, definition, published_at, published_by)
VALUES ($1, $2, $3, $4, $5, $6)
"""
_VERSION_COLUMNS = "version, definition, published_at, published_by"
_VERSION = f"""
SELECT {_VERSION_COLUMNS} FROM form_versions WHERE workspace_id = $1 AND form_id = $2 AND version = $3
"""
_VERSIONS = f"""
SELECT {_VERSION_COLUMNS} FROM form_versions
WHERE workspace_id = $1 AND form_id = $2 AND ($3::int IS NULL OR version < $3) ORDER BY version DESC LIMIT $4
"""
_REMOVE = (
    "DELETE FROM form_versions WHERE workspace_id = $1 AND form_id = $2",
    "DELETE FROM page_counts WHERE workspace_id = $1 AND object_id = $2",
    "DELETE FROM forms WHERE workspace_id = $1 AND form_id = $2",
)
_REMOVE_SUBMISSIONS = "DELETE FROM form_submissions WHERE workspace_id = $1 AND bucket = $2 AND form_id = $3"
