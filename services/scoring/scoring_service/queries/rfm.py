"""Stored snapshots and scores."""

from datetime import datetime
from typing import Any
from uuid import UUID

import people
from chassis.database import Tx
from chassis.errors import NotFound

from scoring_service.store import profiling, rfm


async def get_summary(tx: Tx, model: str, as_of: datetime | None) -> dict[str, Any]:
    found = await rfm.snapshot(tx, model, as_of)
    if found is None:
        raise NotFound("there is no snapshot of this model as of that moment", kind="rfm_snapshot", id=model)
    return found


async def get_score(tx: Tx, model: str, profile_id: UUID) -> rfm.Score:
    """By any profile id the person ever had. Someone merged away since the snapshot is found as they were then. Nobody
    is who is not to be profiled, whatever the snapshot has."""
    today = (await people.resolve(tx, [profile_id])).get(profile_id)
    if today and await profiling.refused(tx, [today.profile_id]):
        raise NotFound("this person is not to be profiled", kind="rfm_score", id=str(profile_id))
    for candidate in dict.fromkeys((today.profile_id if today else profile_id, profile_id)):
        found = await rfm.newest_score(tx, model, candidate)
        if found is not None:
            return found
    raise NotFound("this person has no score in the newest snapshot", kind="rfm_score", id=str(profile_id))
