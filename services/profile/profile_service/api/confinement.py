"""Callers who may see the people of some org units, and of what hangs under these, only."""

from collections.abc import Collection
from uuid import UUID

from chassis import context
from chassis.database import Tx

from profile_service.queries import people
from profile_service.store import org_tree, org_units


async def units_served(tx: Tx) -> list[str] | None:
    """The org units that the caller is confined to, with everything under them; None: the whole workspace."""
    confined = context.org_units_served()
    return await org_tree.subtree(tx, confined) if confined else None


async def is_shown(tx: Tx, profile_id: UUID | None) -> bool:
    """Whether the caller, who may be confined to org units, may see this person; None stands for everybody."""
    units = await units_served(tx)
    if units is None:
        return True
    current = await people.resolve(tx, profile_id) if profile_id else None
    if current is None:
        return False
    ids = [row["identity_id"] for row in await people.identities(tx, current)]
    return await org_units.know(tx, ids, units)


async def shown_among(tx: Tx, profile_ids: Collection[UUID]) -> Collection[UUID]:
    """Those of the people of today whom the caller may see."""
    units = await units_served(tx)
    return profile_ids if units is None else await org_units.known(tx, profile_ids, units)
