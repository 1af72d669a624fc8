"""Identifiers that were named of an identity without being verified: remembered, and no link to anybody."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

from profile_service.domain.identifiers import Identifier
from profile_service.store.moments import moment


class Claim(NamedTuple):
    identity_id: UUID
    identifier: Identifier


async def add(tx: Tx, said: Mapping[Claim, tuple[int, int]]) -> None:
    """When each was said first and last, in milliseconds since 1970."""
    rows = sorted(
        (bucket_of(c.identity_id), c.identity_id, *c.identifier, *times) for c, times in said.items()
    )
    await tx.execute(_ADD, tx.workspace_id, *(list(column) for column in zip(*rows, strict=True)))


_ADD = f"""
INSERT INTO identifier_claims AS c (workspace_id, bucket, identity_id, type, scope, value, first_time, last_time)
SELECT $1, b, i, t, s, v, {moment("first")}, {moment("last")}
FROM unnest($2::smallint[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[])
  AS r (b, i, t, s, v, first, last)
ON CONFLICT (workspace_id, bucket, identity_id, type, scope, value) DO UPDATE
SET first_time = least(c.first_time, excluded.first_time), last_time = greatest(c.last_time, excluded.last_time)
WHERE c.first_time > excluded.first_time OR c.last_time < excluded.last_time
"""
