"""Who is this identity now: a service's own map of identities to people.

Kept by segment, journey, scoring and dispatch from the memberships that PROFILE carries. An identity belongs to one
person at a time; the highest version wins, whatever the order of arrival. A profile id is the id of the person's
member with the lowest number, so resolving an old profile id is looking up that identity.
"""

from people.memberships import Membership, Moved, newest, plan_changes
from people.store import Settled, hold, load, members, resolve, settle, settle_news
from people.tables import create_people

__all__ = [
    "Membership",
    "Moved",
    "Settled",
    "create_people",
    "hold",
    "load",
    "members",
    "newest",
    "plan_changes",
    "resolve",
    "settle",
    "settle_news",
]
