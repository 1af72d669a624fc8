"""Files in sealed pieces."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from chassis.crypto import Ciphers
from chassis.database import Database, Tx
from chassis.ids import bucket_of

PIECE = 256 * 1024
"""Bytes; the last piece of a file may have fewer."""


class ImportFiles:
    def __init__(self, database: Database, ciphers: Ciphers) -> None:
        self._database = database
        self._ciphers = ciphers

    async def add(self, workspace_id: UUID, file_id: UUID, number: int, piece: bytes, now: datetime) -> None:
        sealed = self._ciphers.of(workspace_id).seal(piece, _place(file_id, number))
        async with self._database.transaction(workspace_id) as tx:
            await tx.execute(_ADD, workspace_id, bucket_of(file_id), file_id, number, sealed, now)

    async def piece(self, workspace_id: UUID, file_id: UUID, number: int) -> bytes | None:
        """None behind the last one."""
        async with self._database.transaction(workspace_id) as tx:
            sealed = await tx.fetchval(_GET, workspace_id, bucket_of(file_id), file_id, number)
        return (
            None if sealed is None else self._ciphers.of(workspace_id).open(sealed, _place(file_id, number))
        )

    async def pieces(self, workspace_id: UUID, file_id: UUID) -> AsyncIterator[bytes]:
        number = 0
        while (piece := await self.piece(workspace_id, file_id, number)) is not None:
            yield piece
            number += 1

    async def remove(self, workspace_id: UUID, file_id: UUID) -> None:
        async with self._database.transaction(workspace_id) as tx:
            await remove(tx, file_id)


async def remove(tx: Tx, file_id: UUID) -> None:
    await tx.execute(_REMOVE, tx.workspace_id, bucket_of(file_id), file_id)


async def expire(tx: Tx, uploaded_before: datetime, orphaned_before: datetime) -> None:
    """Removes what is older than the first time, and what is older than the second and belongs to no import: its
    upload was broken off."""
    await tx.execute(_EXPIRE, tx.workspace_id, uploaded_before, orphaned_before)


def _place(file_id: UUID, number: int) -> bytes:
    return b"import" + file_id.bytes + number.to_bytes(4, "big")


_ADD = """
INSERT INTO import_pieces (workspace_id, bucket, file_id, number, sealed, created_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
_GET = """
SELECT sealed FROM import_pieces WHERE workspace_id = $1 AND bucket = $2 AND file_id = $3 AND number = $4
"""
_REMOVE = "DELETE FROM import_pieces WHERE workspace_id = $1 AND bucket = $2 AND file_id = $3"
_EXPIRE = """
DELETE FROM import_pieces p WHERE workspace_id = $1 AND (created_at < $2 OR created_at < $3 AND NOT EXISTS (
  SELECT 1 FROM imports i WHERE i.workspace_id = $1 AND i.file_id = p.file_id
) AND NOT EXISTS (
  SELECT 1 FROM privacy_requests r WHERE r.workspace_id = $1 AND r.request_id = p.file_id
))
"""
