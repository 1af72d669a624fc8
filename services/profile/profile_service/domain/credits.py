"""Which grant of a one-time subscribe message a message uses up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

_NEVER = datetime.max.replace(tzinfo=UTC)


class Wanted(NamedTuple):
    """A message to be sent: one credit, of any openid that the person has of the app."""

    message_id: str
    person: UUID
    app_id: str
    template_id: str


class Held(NamedTuple):
    """A grant of a person."""

    grant_id: UUID
    identity_id: UUID
    """The openid that accepted."""
    person: UUID
    app_id: str
    template_id: str
    left: int
    expires_at: datetime | None


class Use(NamedTuple):
    message_id: str
    grant_id: UUID
    identity_id: UUID


@dataclass(slots=True)
class UsePlan:
    uses: dict[str, Use] = field(default_factory=dict)
    """By message; a message that is missing has no credit."""
    fresh: list[Use] = field(default_factory=list)
    """Those of them that are new."""


def plan_uses(
    wanted: Sequence[Wanted], held: Iterable[Held], known: Mapping[str, Use], now: datetime
) -> UsePlan:
    """In the order asked. Of several grants the one that expires first, then the oldest, is used; `known` are uses by
    message, each of which stays as it is."""
    plan = UsePlan()
    left: dict[tuple[UUID, str, str], list[Held]] = {}
    for grant in held:
        if grant.left > 0 and (grant.expires_at is None or grant.expires_at > now):
            left.setdefault((grant.person, grant.app_id, grant.template_id), []).append(grant)
    for grants in left.values():
        grants.sort(key=lambda g: (g.expires_at or _NEVER, g.grant_id), reverse=True)
    for one in wanted:
        if one.message_id in plan.uses:
            continue
        if one.message_id in known:
            plan.uses[one.message_id] = known[one.message_id]
            continue
        usable = left.get((one.person, one.app_id, one.template_id))
        if not usable:
            continue
        grant = usable.pop()
        if grant.left > 1:
            usable.append(grant._replace(left=grant.left - 1))
        use = Use(one.message_id, grant.grant_id, grant.identity_id)
        plan.uses[one.message_id] = use
        plan.fresh.append(use)
    return plan
