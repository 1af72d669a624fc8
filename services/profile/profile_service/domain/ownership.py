"""Whose a weak identifier (device, cookie) is: it proves nobody, it belongs to whoever was last seen with it.

A record that names a weak and a strong identifier is a log-in of the strong one; of those within a minute the first and
the last are kept. What happened under a weak identifier before its first log-in belongs to the first who logged in: an anonymous visitor becomes known.
From each later log-in of somebody else on, it is theirs: a tablet in a shop serves one customer after the other.

Weak identifiers that no log-in names, but a record together with another, are one visitor: they go with the other's
first owner. Those that change hands take nobody with them.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from profile_service.domain.calls import Key
from profile_service.domain.partition import Edge, NeverLink, Pair, Refusal, Roots

MINUTE_MS = 60_000
GIVEN_AT = 0
"""A weak identifier given to somebody by hand is theirs before any log-in, whatever is set aside."""
MAX_NEIGHBOURS = 50
"""Weak identifiers that one may be named with in all. One with more, such as a kiosk that forgets its cookies, takes
nobody with it."""


class Login(NamedTuple):
    """`owner` was seen with the weak identifier at `at` (milliseconds since 1970)."""

    at: int
    owner_key: Key
    """Breaks ties: ids are minted, values are facts."""
    owner: UUID


class Seen(NamedTuple):
    """The log-ins of an owner with a weak identifier in one minute."""

    first: Login
    last: Login

    @property
    def logins(self) -> tuple[Login, ...]:
        return (self.first,) if self.first == self.last else self


class Span(NamedTuple):
    """From `start` on (None: from birth) the weak identifier is the owner's."""

    start: int | None
    owner: UUID


def minute_of(at: int) -> int:
    return at - at % MINUTE_MS


def eligible(
    weak: UUID, logins: Iterable[Login], never: Sequence[NeverLink], aside: Set[UUID]
) -> list[Login]:
    """The log-ins that count, in time order."""
    barred: set[UUID] = set()
    for rule in never:
        if weak in rule.left:
            barred |= rule.right
        if weak in rule.right:
            barred |= rule.left
    return sorted(
        one for one in logins if one.owner not in barred and (one.owner not in aside or one.at == GIVEN_AT)
    )


def plan_spans(
    before: Sequence[Span], logins: Sequence[Login], person_of: Callable[[UUID], UUID]
) -> list[Span]:
    """Who owns it from when, given who did until these eligible log-ins, all there are from then on in time order."""
    spans = list(before)
    for login in logins:
        if not spans:
            spans.append(Span(None, login.owner))
        elif person_of(spans[-1].owner) != person_of(login.owner):
            if spans[-1].start == login.at:
                spans.pop()
            spans.append(Span(login.at, login.owner))
    return spans


@dataclass(slots=True)
class Visitors:
    owner_of: dict[UUID, UUID] = field(default_factory=dict)
    """Weak identity → the strong one whose it was first; absent when nobody's."""
    groups: list[list[UUID]] = field(default_factory=list)
    """Those that are nobody's, by visitor."""
    refused: dict[Pair, Refusal] = field(default_factory=dict)


def plan_visitors(
    nodes: Mapping[UUID, Key],
    edges: Collection[Edge],
    first_owner: Mapping[UUID, UUID],
    changed_hands: Set[UUID],
    never: Sequence[NeverLink],
    aside: Set[UUID],
) -> Visitors:
    """Who goes with whom among weak identifiers, considering their edges from the oldest on."""
    found = Visitors()
    degree: dict[UUID, int] = {}
    for edge in edges:
        for end in edge.pair:
            degree[end] = degree.get(end, 0) + 1
    alone = {n for n, d in degree.items() if d > MAX_NEIGHBOURS} | aside
    roots = Roots()
    owner = dict(first_owner)
    members: dict[UUID, set[UUID]] = {n: {n} for n in nodes}
    for edge in sorted(
        edges, key=lambda e: (not e.by_hand, e.at, e.message_id, *sorted((nodes[e.low], nodes[e.high])))
    ):
        one, two = roots.find(edge.low), roots.find(edge.high)
        if one == two:
            continue
        both_owned = one in owner and two in owner
        lone = changed_hands if edge.by_hand else alone | changed_hands
        refusal = _refusal(edge, members[one], members[two], both_owned, lone, never)
        if refusal is not None:
            found.refused[edge.pair] = refusal
            continue
        roots.join(one, two)
        members[one] |= members.pop(two)
        if two in owner:
            owner[one] = owner[two]
    for root, together in roots.groups(nodes).items():
        if root in owner:
            found.owner_of |= dict.fromkeys(together, owner[root])
        else:
            found.groups.append(together)
    return found


def _refusal(
    edge: Edge, one: Set[UUID], two: Set[UUID], both_owned: bool, alone: Set[UUID], never: Sequence[NeverLink]
) -> Refusal | None:
    lone = next((end for end in edge.pair if end in alone), None)
    if lone is not None:
        return Refusal("set_aside", str(lone))
    if both_owned:
        return Refusal("owned", "")
    for rule in never:
        if (rule.left & one and rule.right & two) or (rule.left & two and rule.right & one):
            return Refusal("never_link", str(rule.rule_id))
    return None
