"""Members of staff."""

from collections.abc import Sequence
from typing import Any

from chassis.database import Tx


async def put(tx: Tx, staff_id: str, name: str, wecom_user_id: str, org_unit_id: str, active: bool) -> bool:
    """False when another member has this WeCom user id."""
    taken = await tx.fetchval(_TAKEN, tx.workspace_id, staff_id, wecom_user_id or None)
    if taken:
        return False
    await tx.execute(
        _PUT, tx.workspace_id, staff_id, name, wecom_user_id or None, org_unit_id or None, active
    )
    return True


async def get(tx: Tx, staff_id: str) -> Any:
    """(active, org_unit_id), or None."""
    return await tx.fetchrow(_GET, tx.workspace_id, staff_id)


async def page(tx: Tx, units: Sequence[str] | None, after: str, limit: int) -> list[Any]:
    """By id; `units`: only of these org units."""
    return await tx.fetch(_PAGE, tx.workspace_id, units, after, limit)


_TAKEN = """
SELECT true FROM staff WHERE workspace_id = $1 AND wecom_user_id = $3 AND staff_id <> $2
"""
_PUT = """
INSERT INTO staff (workspace_id, staff_id, name, wecom_user_id, org_unit_id, active) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (workspace_id, staff_id) DO UPDATE SET name = excluded.name, wecom_user_id = excluded.wecom_user_id,
  org_unit_id = excluded.org_unit_id, active = excluded.active
"""
_GET = """
SELECT active, coalesce(org_unit_id, '') AS org_unit_id FROM staff WHERE workspace_id = $1 AND staff_id = $2
"""
_PAGE = """
SELECT staff_id, name, coalesce(wecom_user_id, '') AS wecom_user_id, coalesce(org_unit_id, '') AS org_unit_id, active
FROM staff WHERE workspace_id = $1 AND ($2::text[] IS NULL OR org_unit_id = ANY($2)) AND staff_id > $3
ORDER BY staff_id LIMIT $4
"""
