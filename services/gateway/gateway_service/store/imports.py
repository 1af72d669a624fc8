"""Imports: what their files look like, what is to become of the columns, how far the work is, and which rows are
faulty. What may quote the file is sealed."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database import Database, Tx
from chassis.ids import bucket_of

_FAULT_PAGES = 20


@dataclass(frozen=True, slots=True)
class Imported:
    import_id: UUID
    file_id: UUID
    size_bytes: int
    digest: bytes
    dry_run: bool
    rows_done: int
    """Rows that are dealt with: where the work goes on."""
    sealed: bytes
    created_at: datetime


async def add(tx: Tx, one: Imported) -> bool:
    """False when there is one of that id."""
    ended = await tx.execute(
        _ADD, tx.workspace_id, one.import_id, one.file_id, one.size_bytes, one.digest, one.sealed, one.created_at
    )  # fmt: skip
    return bool(ended == "INSERT 0 1")


async def get(tx: Tx, import_id: UUID) -> Imported | None:
    row = await tx.fetchrow(_GET, tx.workspace_id, import_id)
    return Imported(*row) if row else None


async def begin(tx: Tx, import_id: UUID, sealed: bytes, dry_run: bool) -> None:
    """From the first row, with other details."""
    await tx.execute(_BEGIN, tx.workspace_id, import_id, sealed, dry_run)
    await remove_faults(tx, import_id)


async def advance(tx: Tx, import_id: UUID, rows_done: int) -> None:
    await tx.execute(_ADVANCE, tx.workspace_id, import_id, rows_done)


async def describe(tx: Tx, import_id: UUID, sealed: bytes) -> None:
    await tx.execute(
        "UPDATE imports SET sealed = $3 WHERE workspace_id = $1 AND import_id = $2",
        tx.workspace_id, import_id, sealed,
    )  # fmt: skip


async def remove(tx: Tx, import_id: UUID) -> None:
    await remove_faults(tx, import_id)
    await tx.execute(
        "DELETE FROM imports WHERE workspace_id = $1 AND import_id = $2", tx.workspace_id, import_id
    )


async def add_faults(tx: Tx, import_id: UUID, first_row: int, sealed: bytes) -> None:
    await tx.execute(_ADD_FAULTS, tx.workspace_id, bucket_of(import_id), import_id, first_row, sealed)


async def remove_faults(tx: Tx, import_id: UUID) -> None:
    await tx.execute(_REMOVE_FAULTS, tx.workspace_id, bucket_of(import_id), import_id)


async def faults(database: Database, workspace_id: UUID, import_id: UUID) -> AsyncIterator[tuple[int, bytes]]:
    """(first row, sealed) in order of the rows, in transactions of their own."""
    after = -1
    while True:
        async with database.transaction(workspace_id) as tx:
            rows: Sequence[tuple[int, bytes]] = await tx.fetch(
                _FAULTS, workspace_id, bucket_of(import_id), import_id, after, _FAULT_PAGES
            )
        for first_row, sealed in rows:
            yield first_row, sealed
        if len(rows) < _FAULT_PAGES:
            return
        after = rows[-1][0]


async def count_since(tx: Tx, moment: datetime) -> int:
    """Imports that were made from then on."""
    return int(
        await tx.fetchval(
            "SELECT count(*) FROM imports WHERE workspace_id = $1 AND created_at >= $2",
            tx.workspace_id,
            moment,
        )
    )


async def older_than(tx: Tx, moment: datetime) -> list[UUID]:
    """Imports that were made before."""
    rows = await tx.fetch(
        "SELECT import_id FROM imports WHERE workspace_id = $1 AND created_at < $2", tx.workspace_id, moment
    )
    return [row["import_id"] for row in rows]


_COLUMNS = "import_id, file_id, size_bytes, digest, dry_run, rows_done, sealed, created_at"
_ADD = """
INSERT INTO imports (workspace_id, import_id, file_id, size_bytes, digest, sealed, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
"""
_GET = f"SELECT {_COLUMNS} FROM imports WHERE workspace_id = $1 AND import_id = $2"
_BEGIN = """
UPDATE imports SET sealed = $3, dry_run = $4, rows_done = 0 WHERE workspace_id = $1 AND import_id = $2
"""
_ADVANCE = "UPDATE imports SET rows_done = $3 WHERE workspace_id = $1 AND import_id = $2"
_ADD_FAULTS = """
INSERT INTO import_faults (workspace_id, bucket, import_id, first_row, sealed) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING
"""
_REMOVE_FAULTS = "DELETE FROM import_faults WHERE workspace_id = $1 AND bucket = $2 AND import_id = $3"
_FAULTS = """
SELECT first_row, sealed FROM import_faults
WHERE workspace_id = $1 AND bucket = $2 AND import_id = $3 AND first_row > $4 ORDER BY first_row LIMIT $5
"""
