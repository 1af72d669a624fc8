"""Keyed hashes of parts of personal values → the identities that have them."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from chassis.database import Tx, columns
from chassis.ids import bucket_of


class SearchKey(NamedTuple):
    bucket: int
    kind: str
    token: bytes
    identity_id: UUID

    @classmethod
    def of(cls, kind: str, token: bytes, identity_id: UUID) -> "SearchKey":
        return cls(bucket_of(token), kind, token, identity_id)


async def change(tx: Tx, added: Iterable[SearchKey], gone: Iterable[SearchKey] = ()) -> None:
    """Adds some, known ones alike, and removes others, in one statement; none without news."""
    fresh, old = sorted(set(added)), sorted(set(gone))
    if fresh or old:
        await tx.execute(_CHANGE, tx.workspace_id, *columns(fresh, 4), *columns(old, 4))


_CHANGE = """
WITH gone AS (
  DELETE FROM search_keys s USING unnest($6::smallint[], $7::text[], $8::bytea[], $9::uuid[]) AS k (b, k, t, i)
  WHERE s.workspace_id = $1 AND s.bucket = k.b AND s.kind = k.k AND s.token = k.t AND s.identity_id = k.i
)
INSERT INTO search_keys (workspace_id, bucket, kind, token, identity_id)
SELECT $1, * FROM unnest($2::smallint[], $3::text[], $4::bytea[], $5::uuid[])
ON CONFLICT DO NOTHING
"""
