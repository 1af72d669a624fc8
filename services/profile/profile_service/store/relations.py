"""Relations between staff and customers, each under the identity it was made with."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from chassis.database import Tx, columns
from chassis.ids import bucket_of, new_id


class Relation(NamedTuple):
    relation_id: UUID
    identity_id: UUID
    staff_id: str
    kind: str
    source: str
    started_at: datetime
    ended_at: datetime | None
    ended_by: str
    end_reason: str
    transferred_to: str
    version: int


class New(NamedTuple):
    identity_id: UUID
    staff_id: str
    kind: str
    source: str
    started_at: datetime


class End(NamedTuple):
    at: datetime
    by: str
    reason: str
    transferred_to: str = ""


async def insert(tx: Tx, new: Sequence[New]) -> list[Relation]:
    rows = sorted((bucket_of(n.identity_id), n) for n in new)
    found = await tx.fetch(
        _INSERT,
        tx.workspace_id,
        [bucket for bucket, _ in rows],
        [new_id() for _ in rows],
        *([n[field] for _, n in rows] for field in range(5)),
    )
    return [Relation(*row) for row in found]


async def get(tx: Tx, identity_ids: Sequence[UUID], relation_id: UUID) -> Relation | None:
    """If it is one of these identities'."""
    row = await tx.fetchrow(_GET, tx.workspace_id, *_keys(identity_ids), relation_id)
    return row and Relation(*row)


async def lasting(tx: Tx, identity_ids: Collection[UUID], staff_id: str) -> list[Relation]:
    """Those with a member of staff that have not ended, the oldest first."""
    rows = await tx.fetch(_LASTING, tx.workspace_id, *_keys(identity_ids), staff_id)
    return [Relation(*row) for row in rows]


async def lasting_of(tx: Tx, staff_id: str, kind: str, limit: int) -> list[Relation]:
    rows = await tx.fetch(_LASTING_OF, tx.workspace_id, staff_id, kind, limit)
    return [Relation(*row) for row in rows]


async def end(tx: Tx, relations: Sequence[Relation], end: End) -> list[Relation]:
    """Those of them that had not ended, as they are now."""
    rows = sorted((bucket_of(r.identity_id), r.identity_id, r.relation_id) for r in relations)
    found = await tx.fetch(_END, tx.workspace_id, *columns(rows, 3), *end)
    return [Relation(*row) for row in found]


async def page_of_person(
    tx: Tx, identity_ids: Sequence[UUID], active_only: bool, before: UUID | None, limit: int
) -> list[Relation]:
    """Newest first. What lasts under several identities since they became one person shows once."""
    rows = await tx.fetch(_OF_PERSON, tx.workspace_id, *_keys(identity_ids), active_only, before, limit)
    return [Relation(*row) for row in rows]


async def page_of_staff(
    tx: Tx, staff_id: str, active_only: bool, before: UUID | None, limit: int
) -> list[tuple[Relation, UUID]]:
    """Newest first, with the person of today."""
    rows = await tx.fetch(_OF_STAFF, tx.workspace_id, staff_id, active_only, before, limit)
    return [(Relation(*row[:-1]), row[-1]) for row in rows]


def _keys(identity_ids: Collection[UUID]) -> tuple[list[int], list[UUID]]:
    return [bucket_of(i) for i in identity_ids], list(identity_ids)


_COLUMNS = ", ".join(f"r.{name}" for name in Relation._fields)
_MINE = f"""
SELECT {_COLUMNS} FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id)
JOIN relations r ON r.workspace_id = $1 AND r.bucket = k.bucket AND r.identity_id = k.identity_id
"""
_INSERT = f"""
INSERT INTO relations AS r (workspace_id, bucket, relation_id, identity_id, staff_id, kind, source, started_at, version)
SELECT $1, n.*, nextval('relation_version')
FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::timestamptz[]) AS n
RETURNING {_COLUMNS}
"""
_GET = f"{_MINE} WHERE r.relation_id = $4"
_LASTING = f"{_MINE} WHERE r.staff_id = $4 AND r.ended_at IS NULL ORDER BY r.started_at, r.relation_id"
_LASTING_OF = f"""
SELECT {_COLUMNS} FROM relations r
WHERE r.workspace_id = $1 AND r.staff_id = $2 AND r.ended_at IS NULL AND ($3 = '' OR r.kind = $3) LIMIT $4
"""
_END = f"""
UPDATE relations r SET ended_at = $5, ended_by = $6, end_reason = $7, transferred_to = $8,
  version = nextval('relation_version')
FROM unnest($2::smallint[], $3::uuid[], $4::uuid[]) AS k (bucket, identity_id, relation_id)
WHERE r.workspace_id = $1 AND r.bucket = k.bucket AND r.identity_id = k.identity_id AND r.relation_id = k.relation_id
  AND r.ended_at IS NULL
RETURNING {_COLUMNS}
"""
_OF_PERSON = f"""
WITH mine AS ({_MINE})
SELECT {_COLUMNS} FROM mine r
WHERE (NOT $4 OR r.ended_at IS NULL) AND ($5::uuid IS NULL OR r.relation_id < $5) AND NOT (r.ended_at IS NULL AND EXISTS (
  SELECT FROM mine o WHERE o.staff_id = r.staff_id AND o.kind = r.kind AND o.ended_at IS NULL
    AND (o.started_at, o.relation_id) < (r.started_at, r.relation_id)
))
ORDER BY r.relation_id DESC LIMIT $6
"""
_OF_STAFF = f"""
SELECT {_COLUMNS}, p.profile_id FROM (
  SELECT * FROM relations r WHERE workspace_id = $1 AND staff_id = $2 AND (NOT $3 OR ended_at IS NULL)
    AND ($4::uuid IS NULL OR relation_id < $4) ORDER BY relation_id DESC LIMIT $5
) r CROSS JOIN LATERAL (
  SELECT profile_id FROM memberships WHERE workspace_id = $1 AND bucket = r.bucket AND identity_id = r.identity_id
    AND valid_to = 'infinity' OFFSET 0
) p ORDER BY r.relation_id DESC
"""
