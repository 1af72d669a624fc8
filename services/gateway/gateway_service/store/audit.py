"""The audit log: who changed what, each entry chained to the one before by its hash. Rows are only ever added; the
application's role has no right to change or remove them."""

from collections.abc import AsyncIterator
from dataclasses import astuple, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from chassis.clock import to_ms
from chassis.database import Database

GENESIS = bytes(32)
"""What the first entry of a workspace is chained to."""
_VERIFY_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. A change has two: `asked` before it is tried, and its end, which names the first by `of_seq`."""

    of_seq: int | None
    at: datetime
    actor: str
    action: str
    object: str
    phase: str
    """asked; then done, refused, or unknown when the answer came from a fault and it may have happened."""
    status: int | None
    request_id: str
    body_hash: bytes | None
    before_hash: bytes | None
    after_hash: bytes | None

    def chained(self, seq: int, previous: bytes) -> bytes:
        """SHA-256 over the previous entry's hash and this entry as a JSON array, time in milliseconds, hashes in hex."""
        _of, at, *rest = astuple(self)
        fields = [seq, self.of_seq, to_ms(at), *(v.hex() if isinstance(v, bytes) else v for v in rest)]
        return sha256(previous + msgspec.json.encode(fields)).digest()


@dataclass(frozen=True, slots=True)
class Change:
    """A change with both its lines; the second is missing while it runs, and for ever if the gateway died in it."""

    seq: int
    asked: Entry
    ended: Entry | None


@dataclass(frozen=True, slots=True)
class Verified:
    entries: int
    """Entries up to there that are as they were written."""
    head: bytes
    broken_at: int | None
    """The first entry that does not follow from the one before, or is missing; None: all is as it was written."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Empty fields ask for nothing."""

    actor: str = ""
    action: str = ""
    object: str = ""
    since: datetime | None = None
    until: datetime | None = None


class AuditStore:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, workspace_id: UUID, entry: Entry) -> tuple[int, bytes]:
        """Stores the entry as the newest; its number and hash."""
        async with self._database.transaction(workspace_id) as tx:
            head = await tx.fetchrow(_HEAD, workspace_id)
            if head is None:
                await tx.execute(_FIRST, workspace_id, GENESIS)
                head = await tx.fetchrow(_HEAD, workspace_id)
            seq = head["seq"] + 1
            hashed = entry.chained(seq, head["hash"])
            await tx.execute(_APPEND, workspace_id, seq, *astuple(entry), hashed)
            await tx.execute(_MOVE, workspace_id, seq, hashed)
        return seq, hashed

    async def page(self, workspace_id: UUID, asked: Filter, size: int, before: int | None) -> list[Change]:
        """Newest first, from behind entry number `before`."""
        async with self._database.transaction(workspace_id) as tx:
            rows = await tx.fetch(
                _PAGE,
                workspace_id,
                before,
                asked.actor or None,
                asked.action or None,
                asked.object or None,
                asked.since,
                asked.until,
                size,
            )
            ends = {
                row["of_seq"]: row
                for row in await tx.fetch(_ENDS, workspace_id, [row["seq"] for row in rows])
            }
        return [
            Change(row["seq"], _entry(row), _entry(ends[row["seq"]]) if row["seq"] in ends else None)
            for row in rows
        ]

    async def verify(self, workspace_id: UUID) -> Verified:
        """Follows the chain from its first entry to its head, and on to what has come meanwhile."""
        async with self._database.transaction(workspace_id) as tx:
            head = await tx.fetchrow(_READ_HEAD, workspace_id) or {"seq": 0, "hash": GENESIS}
        hashed, seq = GENESIS, 0
        async for row in self._all(workspace_id):
            follows = _entry(row).chained(seq + 1, hashed)
            if row["seq"] != seq + 1 or row["hash"] != follows:
                return Verified(seq, hashed, seq + 1)
            seq, hashed = seq + 1, follows
            if seq == head["seq"] and hashed != head["hash"]:
                return Verified(seq, hashed, seq)
        return Verified(seq, hashed, seq + 1 if seq < head["seq"] else None)

    async def _all(self, workspace_id: UUID) -> AsyncIterator[Any]:
        after = 0
        while True:
            async with self._database.transaction(workspace_id) as tx:
                rows = await tx.fetch(_CHAIN, workspace_id, after, _VERIFY_ROWS)
            for row in rows:
                yield row
            if len(rows) < _VERIFY_ROWS:
                return
            after = rows[-1]["seq"]


def _entry(row: Any) -> Entry:
    return Entry(
        row["of_seq"],
        row["at"],
        row["actor"],
        row["action"],
        row["object"],
        row["phase"],
        row["status"],
        row["request_id"],
        row["body_hash"],
        row["before_hash"],
        row["after_hash"],
    )


_FIRST = """
INSERT INTO audit_heads (workspace_id, seq, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING
"""
_HEAD = """
SELECT seq, hash FROM audit_heads WHERE workspace_id = $1 FOR UPDATE
"""
_READ_HEAD = """
SELECT seq, hash FROM audit_heads WHERE workspace_id = $1
"""
_MOVE = """
UPDATE audit_heads SET seq = $2, hash = $3 WHERE workspace_id = $1
"""
_APPEND = """
INSERT INTO audit_log (workspace_id, seq, of_seq, at, actor, action, object, phase, status, request_id, body_hash,
                       before_hash, after_hash, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""
_PAGE = """
SELECT * FROM audit_log
WHERE workspace_id = $1 AND of_seq IS NULL AND ($2::bigint IS NULL OR seq < $2)
  AND ($3::text IS NULL OR actor = $3) AND ($4::text IS NULL OR action = $4) AND ($5::text IS NULL OR object = $5)
  AND ($6::timestamptz IS NULL OR at >= $6) AND ($7::timestamptz IS NULL OR at < $7)
ORDER BY seq DESC LIMIT $8
"""
_ENDS = """
SELECT * FROM audit_log WHERE workspace_id = $1 AND of_seq = ANY($2::bigint[])
"""
_CHAIN = """
SELECT * FROM audit_log WHERE workspace_id = $1 AND seq > $2 ORDER BY seq LIMIT $3
"""
