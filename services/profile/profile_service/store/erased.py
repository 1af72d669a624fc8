"""Hashes of the identifiers of people who were erased, and what of others hung on these people.

The hash is keyed by the workspace's secret, also of identifiers that are stored as they are: nobody can tell from it who
was erased, and whoever brings the identifier again is recognised.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from chassis.crypto import WorkspaceCipher
from chassis.database import Tx
from chassis.ids import bucket_of

from profile_service.domain.calls import Key


class HeldBack(NamedTuple):
    strong: bool
    erased_at: datetime
    readmitted_at: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether what happened at that time is held back."""
        if not self.strong:
            return at < self.erased_at
        return self.readmitted_at is None or at < self.readmitted_at


def hash_of(key: Key, cipher: WorkspaceCipher) -> bytes:
    kind, scope, value = key
    return cipher.blind_index("erased", f"{kind}\x1f{scope}\x1f{value.hex()}")


async def any_held_back(tx: Tx) -> bool:
    return bool(await tx.fetchval(_ANY, tx.workspace_id))


async def held_back(tx: Tx, hashes: Iterable[bytes]) -> dict[bytes, HeldBack]:
    wanted = list(hashes)
    rows = await tx.fetch(_HELD_BACK, tx.workspace_id, [bucket_of(h) for h in wanted], wanted)
    return {r["hash"]: HeldBack(r["strong"], r["erased_at"], r["readmitted_at"]) for r in rows}


async def hold_back(tx: Tx, erasure_id: UUID, strong: Mapping[bytes, bool], now: datetime) -> None:
    """`strong` by hash. One that was readmitted is held back anew."""
    hashes = sorted(strong, key=lambda h: (bucket_of(h), h))
    flags = [strong[h] for h in hashes]
    await tx.execute(
        _HOLD_BACK, tx.workspace_id, [bucket_of(h) for h in hashes], hashes, flags, erasure_id, now
    )


async def readmit(tx: Tx, hashes: Collection[bytes], now: datetime) -> int:
    """How many of them were held back."""
    wanted = list(hashes)
    rows = await tx.fetch(_READMIT, tx.workspace_id, [bucket_of(h) for h in wanted], wanted, now)
    return len(rows)


async def hashes_of(tx: Tx, erasure_id: UUID) -> set[bytes]:
    return {row["hash"] for row in await tx.fetch(_HASHES, tx.workspace_id, erasure_id)}


async def keys_of(tx: Tx, identity_ids: Sequence[UUID]) -> list[Key]:
    rows = await tx.fetch(_KEYS, tx.workspace_id, identity_ids)
    return [(r["type"], r["scope"], r["value_key"]) for r in rows]


async def take_off(tx: Tx, identity_ids: Sequence[UUID]) -> set[UUID]:
    """Removes edges and log-ins of these identities. The others that were at their ends: who is one person without them
    has to be looked at again."""
    buckets = [bucket_of(i) for i in identity_ids]
    rows: list[Any] = await tx.fetch(_TAKE_OFF_EDGES, tx.workspace_id, identity_ids, buckets)
    ends = {end for row in rows for end in row}
    ends |= {row["identity_id"] for row in await tx.fetch(_TAKE_OFF_LOGINS, tx.workspace_id, identity_ids)}
    ends |= {row["identity_id"] for row in await tx.fetch(_OWNED, tx.workspace_id, identity_ids)}
    return ends - set(identity_ids)


_ANY = "SELECT EXISTS (SELECT FROM erased_identifiers WHERE workspace_id = $1)"
_HELD_BACK = """
SELECT e.* FROM unnest($2::smallint[], $3::bytea[]) AS k (bucket, hash) CROSS JOIN LATERAL (
  SELECT hash, strong, erased_at, readmitted_at FROM erased_identifiers
  WHERE workspace_id = $1 AND bucket = k.bucket AND hash = k.hash OFFSET 0
) e
"""
_HOLD_BACK = """
INSERT INTO erased_identifiers (workspace_id, bucket, hash, strong, erasure_id, erased_at)
SELECT $1, b, h, s, $5, $6 FROM unnest($2::smallint[], $3::bytea[], $4::boolean[]) AS k (b, h, s)
ON CONFLICT (workspace_id, bucket, hash) DO UPDATE
SET strong = excluded.strong, erasure_id = excluded.erasure_id, erased_at = excluded.erased_at, readmitted_at = NULL
"""
_READMIT = """
UPDATE erased_identifiers e SET readmitted_at = $4 FROM unnest($2::smallint[], $3::bytea[]) AS k (bucket, hash)
WHERE e.workspace_id = $1 AND e.bucket = k.bucket AND e.hash = k.hash AND e.readmitted_at IS NULL
RETURNING e.hash
"""
_HASHES = "SELECT hash FROM erased_identifiers WHERE workspace_id = $1 AND erasure_id = $2"
_KEYS = (
    "SELECT type, scope, value_key FROM identifiers WHERE workspace_id = $1 AND identity_id = ANY($2::uuid[])"
)
_TAKE_OFF_EDGES = """
WITH found AS (
  SELECT bucket, low_id, high_id FROM edges WHERE workspace_id = $1 AND high_id = ANY($2::uuid[])
  UNION
  SELECT e.bucket, e.low_id, e.high_id FROM unnest($2::uuid[], $3::smallint[]) AS k (id, bucket)
  JOIN edges e ON e.workspace_id = $1 AND e.bucket = k.bucket AND e.low_id = k.id
)
DELETE FROM edges e USING found f
WHERE e.workspace_id = $1 AND e.bucket = f.bucket AND e.low_id = f.low_id AND e.high_id = f.high_id
RETURNING e.low_id, e.high_id
"""
_TAKE_OFF_LOGINS = """
DELETE FROM logins WHERE workspace_id = $1 AND owner_id = ANY($2::uuid[]) RETURNING identity_id
"""
_OWNED = "SELECT DISTINCT identity_id FROM ownerships WHERE workspace_id = $1 AND owner_id = ANY($2::uuid[])"
