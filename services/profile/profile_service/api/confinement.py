"""Callers who may see the people of some org units only."""

from collections.abc import Collection
from uuid import UUID

from chassis import context
from chassis.database import Tx

from profile_service.queries import people
from profile_service.store import org_units


async def is_shown(tx: Tx, profile_id: UUID | None) -> bool:
    """Whether the caller, who may be confined to org units, may see this person; None stands for everybody."""
    confined = context.org_units_served()
    if not confined:
        return True
    current = await people.resolve(tx, profile_id) if profile_id else None
    if current is None:
        return False
    ids = [row["identity_id"] for row in await people.identities(tx, current)]
    return await org_units.know(tx, ids, confined)


async def shown_among(tx: Tx, profile_ids: Collection[UUID]) -> Collection[UUID]:
    """Those of the people of today whom the caller may see."""
    confined = context.org_units_served()
    return await org_units.known(tx, profile_ids, confined) if confined else profile_ids
