"""Who is one person: what a batch of facts changes about the people it touches.

Each identifier owns an identity (leaf) from birth. `partition` says which strong ones are one person, `ownership` whose
the weak ones are; here the outcome is compared with what is so today. A person is named by the identity with the
lowest number among those that are theirs from birth. Merge and split move membership rows and nothing else.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from profile_service.domain.calls import Key
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.domain.ownership import Login, Span, eligible, plan_spans, plan_visitors
from profile_service.domain.partition import (
    Edge,
    Facts,
    NeverLink,
    Pair,
    Partition,
    Refusal,
    considered,
    partition,
)

Name = tuple[int, UUID]
"""(number, identity) that names a person."""


class Member(NamedTuple):
    """An identity and the person it belongs to. `version` 0: born in this batch, nobody has heard of it."""

    identity_id: UUID
    profile_id: UUID
    profile_no: int
    version: int
    through: UUID | None = None
    """Of a weak identity: the strong one whose it is from birth."""
    owner: UUID | None = None
    """Of one that changed hands: the strong one whose it is now."""
    since: int = 0
    """Milliseconds since 1970 when it came to `owner`."""

    @property
    def newborn(self) -> bool:
        return self.version == 0

    @property
    def held_by(self) -> UUID:
        """The identity for what concerns the person: a device may turn out to be another's."""
        return self.through or self.identity_id


class Merge(NamedTuple):
    """People who turn out to be one: `losers` become part of `winner`."""

    winner_id: UUID
    winner_no: int
    loser_ids: tuple[UUID, ...]
    message_id: str
    """The record that joined them; of an edge by hand: the decision."""
    ends: Pair
    """The two identities that it joined."""


class Split(NamedTuple):
    """Identities that turn out to be somebody else."""

    from_id: UUID
    to_id: UUID
    to_no: int
    identity_ids: tuple[UUID, ...]


@dataclass(slots=True)
class Slice:
    """What the facts of a batch touch: whole components of strong identities, and weak identities one by one."""

    nodes: dict[UUID, Key] = field(default_factory=dict)
    """Strong."""
    edges: dict[Pair, Edge] = field(default_factory=dict)
    fresh: set[Pair] = field(default_factory=set)
    """Those of the edges that are news."""
    never: list[NeverLink] = field(default_factory=list)
    set_aside: set[UUID] = field(default_factory=set)
    released: set[UUID] = field(default_factory=set)
    members: dict[UUID, Member] = field(default_factory=dict)
    """Of strong and weak ones, and of who logged in."""
    numbers: dict[UUID, int] = field(default_factory=dict)
    attached: dict[UUID, Name] = field(default_factory=dict)
    """Strong identity → the lowest weak one that is its own from birth and is not in `weak`."""
    weak: dict[UUID, Key] = field(default_factory=dict)
    weak_edges: dict[Pair, Edge] = field(default_factory=dict)
    firsts: dict[UUID, list[Login]] = field(default_factory=dict)
    """The earliest log-ins of each weak identity."""
    logins: dict[UUID, list[Login]] = field(default_factory=dict)
    """Of weak identities with news: every log-in since the earliest of the news."""
    spans: dict[UUID, list[Span]] = field(default_factory=dict)
    """As they are stored, without the first owner's, of weak identities that ever changed hands: the last one before
    `logins`, and those since. A tablet in a shop has thousands."""


@dataclass(slots=True)
class IdentityPlan:
    people: dict[UUID, Name] = field(default_factory=dict)
    """Every newborn identity, and every other whose person or owner changes → the person."""
    through: dict[UUID, UUID] = field(default_factory=dict)
    """Weak ones of these that are somebody's."""
    spans: dict[UUID, list[Span]] = field(default_factory=dict)
    """Weak identity → who owns it from when after its first owner, where that changes, as far back as the slice."""
    merges: list[Merge] = field(default_factory=list)
    splits: list[Split] = field(default_factory=list)
    refused: dict[Pair, Refusal] = field(default_factory=dict)
    """Of every edge in the slice; the others are accepted."""
    suspects: dict[UUID, int] = field(default_factory=dict)


def plan_identity(known: Slice, settings: IdentitySettings) -> IdentityPlan:
    strong = partition(
        Facts(known.nodes, list(known.edges.values()), known.never, known.set_aside, known.released), settings
    )
    aside = known.set_aside | strong.suspects.keys()
    firsts = {w: eligible(w, known.firsts.get(w, ()), known.never, aside) for w in known.weak}
    spans = _spans(known, strong, firsts, aside)
    visitors = plan_visitors(
        known.weak,
        list(known.weak_edges.values()),
        {w: logins[0].owner for w, logins in firsts.items() if logins},
        {w for w, owners in {**known.spans, **spans}.items() if owners},
        known.never,
        aside,
    )
    plan = IdentityPlan(refused={**strong.refused, **visitors.refused}, suspects=strong.suspects)
    plan.spans = {w: owners for w, owners in spans.items() if owners != known.spans.get(w, [])}
    names = _names(known, strong, visitors.owner_of, visitors.groups)
    for identity, name in names.items():
        member = known.members[identity]
        through = visitors.owner_of.get(identity)
        if through is not None:
            plan.through[identity] = through
        if member.newborn or (member.profile_id, through) != (name[1], member.through):
            plan.people[identity] = name
    _describe(known, strong, names, plan)
    return plan


def _spans(
    known: Slice, strong: Partition, firsts: Mapping[UUID, Sequence[Login]], aside: Set[UUID]
) -> dict[UUID, list[Span]]:
    """Owners after the first of weak identities with news, as far back as the slice."""
    group_of = {node: group[0] for group in strong.groups for node in group}

    def person_of(owner: UUID) -> UUID:
        # Who is outside the slice has nothing to do with who is inside.
        return group_of[owner] if owner in group_of else known.members[owner].profile_id

    found = {}
    for weak, logins in known.logins.items():
        later = eligible(weak, logins, known.never, aside)
        owners = plan_spans(_before(known, weak, firsts[weak]), later, person_of)
        found[weak] = [span for span in owners if span.start is not None]
    return found


def changed_groups(known: Slice, plan: IdentityPlan) -> tuple[set[UUID], set[UUID]]:
    """Strong identities (of people that gain others, of people that lose some): whoever used a device one after the
    other may be one person now, or no more. Whoever is set aside from now on is among both: their log-ins count no
    more."""
    moved = {
        i: name[1]
        for i, name in plan.people.items()
        if i in known.nodes and not known.members[i].newborn and known.members[i].profile_id != name[1]
    }
    joined, left = set(moved.values()), {known.members[i].profile_id for i in moved}
    gaining, losing = set(), set()
    for node in known.nodes:
        now = plan.people[node][1] if node in plan.people else known.members[node].profile_id
        if now in joined:
            gaining.add(node)
        if known.members[node].profile_id in left and any(s.from_id in left for s in plan.splits):
            losing.add(node)
    return gaining | plan.suspects.keys(), losing | plan.suspects.keys()


def unsettled(known: Slice, plan: IdentityPlan) -> set[UUID]:
    """Strong identities outside the slice whose person changes names by the plan: what comes or goes names them."""
    found: set[UUID] = set()
    for identity in plan.people:
        if identity not in known.weak:
            continue
        member, owner = known.members[identity], plan.through.get(identity)
        if owner is not None and known.numbers[identity] < known.members[owner].profile_no:
            found.add(owner)
        if member.through is not None and member.through != owner and member.profile_id == identity:
            found.add(member.through)
    return found - known.nodes.keys()


def _before(known: Slice, weak: UUID, firsts: Sequence[Login]) -> list[Span]:
    """Whose it was when the log-ins begin that the slice holds whole."""
    news = min((login.at for login in known.logins[weak]), default=0)
    if not firsts or firsts[0].at >= news:
        return []
    earlier = [s for s in known.spans.get(weak, ()) if (s.start or 0) < news]
    return earlier[-1:] or [Span(None, firsts[0].owner)]


def _names(
    known: Slice, strong: Partition, owner_of: Mapping[UUID, UUID], visitors: Sequence[Sequence[UUID]]
) -> dict[UUID, Name]:
    """The person of every identity in the slice. Who is not in a component of the slice keeps their name."""
    taken: dict[UUID, list[UUID]] = {}
    for weak, owner in owner_of.items():
        taken.setdefault(owner, []).append(weak)
    names: dict[UUID, Name] = {}
    for group in strong.groups:
        candidates = [(known.numbers[n], n) for n in group]
        candidates += [known.attached[n] for n in group if n in known.attached]
        theirs = [w for n in group for w in taken.pop(n, ())]
        candidates += [(known.numbers[w], w) for w in theirs]
        names |= dict.fromkeys((*group, *theirs), min(candidates))
    for owner, some in taken.items():
        member = known.members[owner]
        names |= dict.fromkeys(some, (member.profile_no, member.profile_id))
    for visitor in visitors:
        names |= dict.fromkeys(visitor, min((known.numbers[w], w) for w in visitor))
    return names


def _describe(known: Slice, strong: Partition, names: Mapping[UUID, Name], plan: IdentityPlan) -> None:
    """Who merges and who splits. A person goes on where the identity that names them is."""
    carried = {weak: owner for owner, (_, weak) in known.attached.items()}
    moved: dict[tuple[UUID, UUID], list[UUID]] = {}
    for identity, (_, person) in plan.people.items():
        member = known.members[identity]
        if not member.newborn and member.profile_id != person:
            moved.setdefault((member.profile_id, person), []).append(identity)
    if not moved:
        return
    losers: dict[UUID, list[UUID]] = {}
    numbers = {person: number for number, person in plan.people.values()}
    for (old, new), identities in moved.items():
        if plan.people.get(carried.get(old, old), (0, old))[1] == new:
            losers.setdefault(new, []).append(old)
        else:
            plan.splits.append(Split(old, new, numbers[new], tuple(sorted(identities))))
    joining = _joining(known, strong, names, plan)
    for winner, some in losers.items():
        edge = joining.get(winner)
        message, ends = (edge.message_id, edge.pair) if edge else ("", (some[0], winner))
        plan.merges.append(Merge(winner, numbers[winner], tuple(sorted(some)), message, ends))


def _joining(
    known: Slice, strong: Partition, names: Mapping[UUID, Name], plan: IdentityPlan
) -> dict[UUID, Edge]:
    """Person → the edge between those who were two, a new one if there is one; none when it was a log-in."""
    keys = {**known.nodes, **known.weak}
    plain = IdentitySettings()
    best: dict[UUID, tuple[tuple[Any, ...], Edge]] = {}
    for edge in (*strong.accepted, *known.weak_edges.values()):
        if edge.pair in plan.refused:
            continue
        if known.members[edge.low].profile_id == known.members[edge.high].profile_id:
            continue
        rank = (edge.pair not in known.fresh, *considered(edge, keys, plain))
        person = names[edge.low][1]
        if person not in best or rank < best[person][0]:
            best[person] = (rank, edge)
    return {person: edge for person, (_, edge) in best.items()}
