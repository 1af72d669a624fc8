"""Schemas of events, and what holds of events without one."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from chassis.database import Tx

from profile_service.domain.declared import Mode


class Policy(NamedTuple):
    undeclared: Mode = "allow"
    personal_keys: Sequence[str] = ()
    allowed_keys: Sequence[str] = ()


async def put(tx: Tx, event: str, schema: Mapping[str, Any], mode: Mode, unknown: Mode) -> None:
    await tx.execute(_PUT, tx.workspace_id, event, schema, mode, unknown)


async def count(tx: Tx, besides: str) -> int:
    """Schemas of other events."""
    return int(await tx.fetchval(_COUNT, tx.workspace_id, besides))


async def delete(tx: Tx, event: str) -> bool:
    return bool(await tx.fetchval(_DELETE, tx.workspace_id, event))


async def page(tx: Tx, after: str, limit: int) -> list[Any]:
    return await tx.fetch(_PAGE, tx.workspace_id, after, limit)


async def policy(tx: Tx) -> Policy:
    row = await tx.fetchrow(_POLICY, tx.workspace_id)
    return Policy(*row) if row else Policy()


async def put_policy(tx: Tx, policy: Policy) -> None:
    await tx.execute(_PUT_POLICY, tx.workspace_id, *policy)


_PUT = """
INSERT INTO event_schemas (workspace_id, event_name, schema, mode, unknown) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (workspace_id, event_name) DO UPDATE
SET schema = excluded.schema, mode = excluded.mode, unknown = excluded.unknown
"""
_COUNT = "SELECT count(*) FROM event_schemas WHERE workspace_id = $1 AND event_name <> $2"
_DELETE = "DELETE FROM event_schemas WHERE workspace_id = $1 AND event_name = $2 RETURNING true"
_PAGE = """
SELECT event_name, schema, mode, unknown FROM event_schemas
WHERE workspace_id = $1 AND event_name > $2 ORDER BY event_name LIMIT $3
"""
_POLICY = "SELECT undeclared, personal_keys, allowed_keys FROM ingestion_policy WHERE workspace_id = $1"
_PUT_POLICY = """
INSERT INTO ingestion_policy (workspace_id, undeclared, personal_keys, allowed_keys) VALUES ($1, $2, $3, $4)
ON CONFLICT (workspace_id) DO UPDATE SET undeclared = excluded.undeclared, personal_keys = excluded.personal_keys,
  allowed_keys = excluded.allowed_keys
"""
