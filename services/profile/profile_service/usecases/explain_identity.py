"""Why two identities are one person, or what keeps them apart."""

from uuid import UUID

from chassis.database import Tx

from profile_service.domain.explain import Link, find_path
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.domain.partition import Refusal
from profile_service.store import identifiers
from profile_service.usecases.load_slice import LoadSlice, News


async def explain_identity(
    tx: Tx, settings: IdentitySettings, one: UUID, other: UUID
) -> tuple[bool, list[Link]]:
    """Whether they are one person, and the way from one to the other."""
    people = {i: m.profile_id for i, m in (await identifiers.current(tx, [one, other])).items()}
    members = await identifiers.members_of(tx, set(people.values()))
    # Which are strong is found out by loading: to be planned and to be looked at is the same here.
    loaded = await LoadSlice(tx, settings, locking=False)(News(strong={m.identity_id for m in members}))
    links = [
        Link(low, high, "by_hand" if edge.by_hand else "named_together", edge.at, edge.message_id, refusal)
        for (low, high), (edge, _, refusal) in loaded.stored.items()
    ]
    for weak, logins in loaded.known.firsts.items():
        through = loaded.known.members[weak].through
        links += [
            Link(
                weak,
                login.owner,
                "logged_in" if login.at else "by_hand",
                login.at,
                "",
                None if login.owner == through else Refusal("owned", str(through or "")),
            )
            for login in logins
        ]
    return people[one] == people[other], find_path(one, other, links)
