"""Templates: written once, never changed, so that a message can always be told from its template."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.database import Tx

from dispatch_service.domain.content import PARTS, Content


@dataclass(frozen=True, slots=True)
class Body:
    channel: str
    content: Content


async def add(tx: Tx, template_id: str, name: str, body: Body, now: datetime) -> None:
    parts = (getattr(body.content, part) for part in PARTS)
    await tx.execute(_ADD, tx.workspace_id, template_id, name, body.channel, now, *parts)


async def bodies(tx: Tx, template_ids: Iterable[str]) -> dict[str, Body]:
    """Those that exist."""
    found = await tx.fetch(_BODIES, tx.workspace_id, list(template_ids))
    return {
        row["template_id"]: Body(row["channel"], Content(*(row[part] for part in PARTS))) for row in found
    }


async def get(tx: Tx, template_id: str) -> Any | None:
    return await tx.fetchrow(_GET, tx.workspace_id, template_id)


async def page(tx: Tx, after: tuple[datetime, str] | None, size: int) -> list[Any]:
    """Oldest first."""
    moment, template_id = after or (None, None)
    return await tx.fetch(_PAGE, tx.workspace_id, moment, template_id, size)


_PARTS = ", ".join(PARTS)
_ADD = f"""
INSERT INTO templates (workspace_id, template_id, name, channel, created_at, {_PARTS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_BODIES = f"""
SELECT template_id, channel, {_PARTS} FROM templates
WHERE workspace_id = $1 AND template_id = ANY ($2::text[])
"""
_GET = "SELECT * FROM templates WHERE workspace_id = $1 AND template_id = $2"
_PAGE = """
SELECT * FROM templates
WHERE workspace_id = $1 AND ($2::timestamptz IS NULL OR (created_at, template_id) > ($2, $3::text))
ORDER BY created_at, template_id LIMIT $4
"""
