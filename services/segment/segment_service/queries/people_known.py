"""What rules can be asked about people, without a lock: the same loading and folding as the batches use."""

from collections.abc import Sequence
from uuid import UUID

import people
from chassis.database import Tx

from segment_service.domain.catalogue import Wanted
from segment_service.domain.facts import Known, fold
from segment_service.store import facts


async def known_people(
    tx: Tx, profile_ids: Sequence[UUID], wanted: Wanted
) -> list[tuple[UUID, Known] | None]:
    """In the order asked: who the profile id is today and what that person is known for; None for strangers."""
    today = await people.resolve(tx, profile_ids)
    member_of = await people.members(tx, (m.profile_id for m in today.values())) if today else {}
    identities = [m.identity_id for members in member_of.values() for m in members]
    known = await facts.load_known(tx, identities, wanted)
    folded = {
        profile_id: fold(known[m.identity_id] for m in members) for profile_id, members in member_of.items()
    }
    return [
        (today[i].profile_id, folded[today[i].profile_id])
        if i in today and today[i].profile_id in folded
        else None
        for i in profile_ids
    ]
