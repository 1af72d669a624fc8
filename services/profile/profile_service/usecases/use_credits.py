"""Messages take one-time credits: each one at most, none more than there are."""

from collections.abc import Sequence
from datetime import datetime

from chassis.database import Tx

from profile_service.domain.credits import Use, Wanted, plan_uses
from profile_service.store import consents, credits, identifiers


async def use_credits(tx: Tx, wanted: Sequence[Wanted], now: datetime) -> dict[str, Use]:
    """By message id; a message that is missing has none. `person` of each: any id that the person was ever given."""
    people = await consents.members(tx, {one.person for one in wanted})
    members = {m.identity_id: m.profile_id for some in people.values() for m in some}
    # Held, so that nobody else counts what is left of theirs at the same time.
    await identifiers.hold(tx, members)
    messages = {one.message_id for one in wanted}
    known = await credits.uses_of(tx, messages)
    held = await credits.held(tx, members, {one.template_id for one in wanted})
    asked = [one._replace(person=people[one.person][0].profile_id) for one in wanted if one.person in people]
    plan = plan_uses(asked, held, known, now)
    if not plan.fresh:
        return known
    await credits.use(tx, plan.fresh, now)
    return await credits.uses_of(tx, messages)
