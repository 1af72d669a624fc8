"""Org units as a tree, and the staff that belong to them."""

from collections.abc import Iterable, Sequence
from typing import Any

from chassis.database import Tx


async def subtree(tx: Tx, unit_ids: Iterable[str]) -> list[str]:
    """These units, whether or not they were ever described, and all that hang under them."""
    return [row["unit_id"] for row in await tx.fetch(_SUBTREE, tx.workspace_id, list(unit_ids))]


async def ancestors(tx: Tx, unit_id: str) -> list[str]:
    """The unit and what it hangs under, nearest first; empty when there is no such unit."""
    return [row["unit_id"] for row in await tx.fetch(_ANCESTORS, tx.workspace_id, unit_id)]


async def height(tx: Tx, unit_id: str) -> int:
    """Levels of the unit's subtree, itself included."""
    return int(await tx.fetchval(_HEIGHT, tx.workspace_id, unit_id))


async def put(tx: Tx, unit_id: str, parent_id: str, name: str, kind: str, archived: bool) -> None:
    await tx.execute(_PUT, tx.workspace_id, unit_id, parent_id or None, name, kind, archived)


async def page(tx: Tx, among: Sequence[str] | None, after: str, limit: int) -> list[Any]:
    """By id; `among`: only these."""
    return await tx.fetch(_PAGE, tx.workspace_id, among, after, limit)


_SUBTREE = """
WITH RECURSIVE under AS (
  SELECT unnest($2::text[]) COLLATE "C" AS unit_id
  UNION SELECT o.unit_id FROM under u JOIN org_units o ON o.workspace_id = $1 AND o.parent_id = u.unit_id
) SELECT unit_id FROM under
"""
_ANCESTORS = """
WITH RECURSIVE above AS (
  SELECT unit_id, parent_id, 1 AS step FROM org_units WHERE workspace_id = $1 AND unit_id = $2
  UNION ALL
  SELECT o.unit_id, o.parent_id, a.step + 1 FROM above a
  JOIN org_units o ON o.workspace_id = $1 AND o.unit_id = a.parent_id
) SELECT unit_id FROM above ORDER BY step
"""
_HEIGHT = """
WITH RECURSIVE under AS (
  SELECT $2::text COLLATE "C" AS unit_id, 1 AS level
  UNION ALL
  SELECT o.unit_id, u.level + 1 FROM under u JOIN org_units o ON o.workspace_id = $1 AND o.parent_id = u.unit_id
) SELECT max(level) FROM under
"""
_PUT = """
INSERT INTO org_units (workspace_id, unit_id, parent_id, name, kind, archived) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (workspace_id, unit_id) DO UPDATE
SET parent_id = excluded.parent_id, name = excluded.name, kind = excluded.kind, archived = excluded.archived
"""
_PAGE = """
SELECT unit_id, coalesce(parent_id, '') AS parent_id, name, kind, archived FROM org_units
WHERE workspace_id = $1 AND ($2::text[] IS NULL OR unit_id = ANY($2)) AND unit_id > $3 ORDER BY unit_id LIMIT $4
"""
