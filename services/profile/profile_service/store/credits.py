"""Grants of one-time subscribe messages, each under the openid that accepted them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

from profile_service.domain.credits import Held, Use
from profile_service.domain.identity import Member


@dataclass(frozen=True, slots=True)
class Grant:
    grant_id: UUID
    identity_id: UUID
    app_id: str
    template_id: str
    count: int
    source: str
    granted_at: datetime
    expires_at: datetime | None
    """None for never."""
    used: int = 0


async def openids(tx: Tx, members: Sequence[Member], app_id: str) -> list[tuple[str, Member]]:
    """The person's openids of the app."""
    of = {member.identity_id: member for member in members}
    rows = await tx.fetch(_OPENIDS, tx.workspace_id, app_id, list(of))
    return [(row["value_key"].decode(), of[row["identity_id"]]) for row in rows]


async def add(tx: Tx, grant: Grant, recorded_by: str) -> None:
    await tx.execute(
        _ADD,
        tx.workspace_id,
        bucket_of(grant.identity_id),
        grant.identity_id,
        grant.grant_id,
        grant.app_id,
        grant.template_id,
        grant.count,
        grant.source,
        recorded_by,
        grant.granted_at,
        grant.expires_at,
    )


async def page(tx: Tx, profile_id: UUID, now: datetime, before: UUID | None, limit: int) -> list[Grant]:
    """Not expired, newest first, under all identities of the person."""
    rows = await tx.fetch(_PAGE, tx.workspace_id, profile_id, now, before, limit)
    return [_grant(row) for row in rows]


async def held(tx: Tx, members: Mapping[UUID, UUID], templates: Collection[str]) -> list[Held]:
    """What is left of grants of these templates. `members`: identity → person."""
    ids = list(members)
    rows = await tx.fetch(_HELD, tx.workspace_id, [bucket_of(i) for i in ids], ids, list(templates))
    return [
        Held(
            row["grant_id"],
            row["identity_id"],
            members[row["identity_id"]],
            row["app_id"],
            row["template_id"],
            row["count"] - row["used"],
            row["expires_at"],
        )
        for row in rows
    ]


async def uses_of(tx: Tx, message_ids: Collection[str]) -> dict[str, Use]:
    """By message."""
    ids = list(message_ids)
    rows = await tx.fetch(_USES_OF, tx.workspace_id, [bucket_of(i.encode()) for i in ids], ids)
    return {row["message_id"]: Use(row["message_id"], row["grant_id"], row["identity_id"]) for row in rows}


async def use(tx: Tx, uses: Collection[Use], now: datetime) -> None:
    """A message that has used one by now keeps that."""
    rows = sorted((bucket_of(one.message_id.encode()), *one) for one in uses)
    await tx.execute(_USE, tx.workspace_id, *(list(column) for column in zip(*rows, strict=True)), now)


def _grant(row: Any) -> Grant:
    return Grant(**{name: row[name] for name in Grant.__dataclass_fields__})


_OPENIDS = """
SELECT value_key, identity_id FROM identifiers
WHERE workspace_id = $1 AND type = 'wechat_openid' AND scope = $2 AND identity_id = ANY($3::uuid[])
ORDER BY created_at, value_key
"""
_ADD = """
INSERT INTO credit_grants (workspace_id, bucket, identity_id, grant_id, app_id, template_id, count, source, recorded_by,
                           granted_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT DO NOTHING
"""
_PAGE = """
SELECT g.*, u.used FROM memberships m CROSS JOIN LATERAL (
  SELECT grant_id, identity_id, app_id, template_id, count, source, granted_at, expires_at
  FROM credit_grants WHERE workspace_id = $1 AND bucket = m.bucket AND identity_id = m.identity_id
    AND (expires_at IS NULL OR expires_at > $3) AND ($4::uuid IS NULL OR grant_id < $4)
  ORDER BY grant_id DESC LIMIT $5
) g CROSS JOIN LATERAL (
  SELECT count(*) AS used FROM credit_uses
  WHERE workspace_id = $1 AND identity_id = g.identity_id AND grant_id = g.grant_id
) u
WHERE m.workspace_id = $1 AND m.profile_id = $2 AND m.valid_to = 'infinity'
ORDER BY g.grant_id DESC LIMIT $5
"""
_HELD = """
SELECT g.*, u.used FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id) CROSS JOIN LATERAL (
  SELECT grant_id, identity_id, app_id, template_id, count, expires_at FROM credit_grants
  WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id AND template_id = ANY($4::text[])
) g CROSS JOIN LATERAL (
  SELECT count(*) AS used FROM credit_uses
  WHERE workspace_id = $1 AND identity_id = g.identity_id AND grant_id = g.grant_id
) u
"""
_USES_OF = """
SELECT u.* FROM unnest($2::smallint[], $3::text[]) AS k (bucket, message_id) CROSS JOIN LATERAL (
  SELECT message_id, grant_id, identity_id FROM credit_uses
  WHERE workspace_id = $1 AND bucket = k.bucket AND message_id = k.message_id OFFSET 0
) u
"""
_USE = """
INSERT INTO credit_uses (workspace_id, bucket, message_id, grant_id, identity_id, used_at)
SELECT $1, b, m, g, i, $6 FROM unnest($2::smallint[], $3::text[], $4::uuid[], $5::uuid[]) AS k (b, m, g, i)
ON CONFLICT DO NOTHING
"""
