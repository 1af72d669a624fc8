"""Which strong identifiers are one person, as a function of the set of facts: neither order nor batching matters.

Facts are edges (a record named both), decisions by hand, and identifiers set aside. Edges are considered one by one,
those made by hand first, then by the priority of their weaker end, then the oldest first; an edge whose two sides may
not be one person is refused, with the reason. What an edge may not do:

- give a person two values of a type that is unique in its scope, or more values of a type than its limit;
- bring together what a never-link keeps apart (the only guard that holds against an edge by hand, too);
- make a person of more identifiers than the cap;
- join anything through an identifier that is set aside: by hand, or because it was named with too many others in a day.

Every guard is monotone: what may be one person as a whole may be in every part. So a component without a conflict,
which is nearly every one, needs no ordering.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from profile_service.domain.calls import Key
from profile_service.domain.identity_settings import DAY_MS, IdentitySettings

Pair = tuple[UUID, UUID]
"""The lower id first."""


class Edge(NamedTuple):
    """The earliest record that named both; by hand: the decision."""

    low: UUID
    high: UUID
    at: int
    """Milliseconds since 1970."""
    message_id: str
    by_hand: bool = False

    @property
    def pair(self) -> Pair:
        return self.low, self.high


class NeverLink(NamedTuple):
    """Nobody is a person who has identifiers of both sides."""

    rule_id: UUID
    left: frozenset[UUID]
    right: frozenset[UUID]


class Refusal(NamedTuple):
    reason: str
    """unique, limit, never_link, too_large, set_aside; of weak ones also owned."""
    detail: str
    """The type, the rule's id or the identity set aside."""


@dataclass(frozen=True, slots=True)
class Facts:
    nodes: Mapping[UUID, Key]
    edges: Collection[Edge]
    never: Sequence[NeverLink] = ()
    set_aside: Set[UUID] = frozenset()
    released: Set[UUID] = frozenset()
    """By hand: never under suspicion."""


@dataclass(slots=True)
class Partition:
    groups: list[list[UUID]] = field(default_factory=list)
    """Every node once."""
    accepted: list[Edge] = field(default_factory=list)
    """In the order in which they were considered; within a component without conflict in no particular one."""
    refused: dict[Pair, Refusal] = field(default_factory=dict)
    suspects: dict[UUID, int] = field(default_factory=dict)
    """Set aside from now on: the time of the edge that was one too many."""


def partition(facts: Facts, settings: IdentitySettings) -> Partition:
    found = Partition(suspects=_suspects(facts, settings))
    out = facts.set_aside | found.suspects.keys()
    roots = Roots()
    live: list[Edge] = []
    for edge in facts.edges:
        aside = next((end for end in edge.pair if end in out), None)
        if aside is not None and not edge.by_hand:
            found.refused[edge.pair] = Refusal("set_aside", str(aside))
            continue
        live.append(edge)
        roots.join(edge.low, edge.high)
    edges_of: dict[UUID, list[Edge]] = {}
    for edge in live:
        edges_of.setdefault(roots.find(edge.low), []).append(edge)
    for root, members in roots.groups(facts.nodes).items():
        edges = edges_of.get(root, [])
        if len(members) == 1 or _harmless(members, facts, settings):
            found.groups.append(members)
            found.accepted += edges
        else:
            _one_by_one(members, edges, facts, settings, found)
    return found


def _suspects(facts: Facts, settings: IdentitySettings) -> dict[UUID, int]:
    edges = [edge for edge in facts.edges if not edge.by_hand]
    degree = Counter(edge.low for edge in edges)
    degree.update(edge.high for edge in edges)
    most = settings.suspect_people
    times: dict[UUID, list[int]] = {n: [] for n, edges_of in degree.items() if edges_of > most}
    for edge in edges if times else ():
        for end in edge.pair:
            if end in times:
                times[end].append(edge.at)
    found = {}
    for node, at in times.items():
        if node not in facts.set_aside and node not in facts.released:
            at.sort()
            crossed = next((b for a, b in zip(at, at[most:], strict=False) if b - a < DAY_MS), None)
            if crossed is not None:
                found[node] = crossed
    return found


def _harmless(members: Collection[UUID], facts: Facts, settings: IdentitySettings) -> bool:
    if len(members) > settings.cluster_cap:
        return False
    kinds: dict[str, int] = {}
    slots: set[tuple[str, str]] = set()
    for node in members:
        kind, scope, _ = facts.nodes[node]
        known = settings.of(kind)
        if known.unique:
            if (kind, scope) in slots:
                return False
            slots.add((kind, scope))
        kinds[kind] = kinds.get(kind, 0) + 1
        if known.most is not None and kinds[kind] > known.most:
            return False
    if not facts.never:
        return True
    mine = set(members)
    return not any(rule.left & mine and rule.right & mine for rule in facts.never)


@dataclass(slots=True)
class _Cluster:
    members: set[UUID]
    slots: dict[tuple[str, str], UUID]
    kinds: dict[str, list[UUID]]


def _one_by_one(
    members: Sequence[UUID], edges: Iterable[Edge], facts: Facts, settings: IdentitySettings, found: Partition
) -> None:
    since: dict[UUID, int] = {}
    for edge in edges:
        for end in edge.pair:
            since[end] = min(edge.at, since.get(end, edge.at))
    cluster_of: dict[UUID, _Cluster] = {}
    for node in members:
        kind, scope, _ = facts.nodes[node]
        slots = {(kind, scope): node} if settings.of(kind).unique else {}
        cluster_of[node] = _Cluster({node}, slots, {kind: [node]})
    mine = set(members)
    never = [rule for rule in facts.never if rule.left & mine and rule.right & mine]
    for edge in sorted(edges, key=lambda e: considered(e, facts.nodes, settings)):
        one, two = cluster_of[edge.low], cluster_of[edge.high]
        if one is not two:
            refusal = _refusal(one, two, edge, never, since, settings)
            if refusal is not None:
                found.refused[edge.pair] = refusal
                continue
            if len(one.members) < len(two.members):
                one, two = two, one
            one.members |= two.members
            one.slots |= two.slots
            for kind, nodes in two.kinds.items():
                one.kinds.setdefault(kind, []).extend(nodes)
            cluster_of |= dict.fromkeys(two.members, one)
        found.accepted.append(edge)
    found.groups += [list(c.members) for c in {id(c): c for c in cluster_of.values()}.values()]


def _refusal(
    one: _Cluster,
    two: _Cluster,
    edge: Edge,
    never: Sequence[NeverLink],
    since: Mapping[UUID, int],
    settings: IdentitySettings,
) -> Refusal | None:
    for rule in never:
        if (rule.left & one.members and rule.right & two.members) or (
            rule.left & two.members and rule.right & one.members
        ):
            return Refusal("never_link", str(rule.rule_id))
    if edge.by_hand:
        return None
    if clash := one.slots.keys() & two.slots.keys():
        return Refusal("unique", min(clash)[0])
    for kind in sorted(one.kinds.keys() & two.kinds.keys()):
        known = settings.of(kind)
        if known.most is None:
            continue
        nodes = [*one.kinds[kind], *two.kinds[kind]]
        if known.days is not None:
            nodes = [n for n in nodes if edge.at - known.days * DAY_MS < since[n] <= edge.at]
        if len(nodes) > known.most:
            return Refusal("limit", kind)
    if len(one.members) + len(two.members) > settings.cluster_cap:
        return Refusal("too_large", str(len(one.members) + len(two.members)))
    return None


def considered(edge: Edge, nodes: Mapping[UUID, Key], settings: IdentitySettings) -> tuple[object, ...]:
    """Sort key of edges. Ids are minted, so values break ties: facts, not the order of their arrival, decide."""
    one, two = sorted((nodes[edge.low], nodes[edge.high]))
    weaker = max(settings.rank(one[0]), settings.rank(two[0]))
    return not edge.by_hand, weaker, edge.at, edge.message_id, one, two


class Roots:
    """Union-find."""

    def __init__(self) -> None:
        self._parent: dict[UUID, UUID] = {}

    def find(self, one: UUID) -> UUID:
        parent = self._parent.setdefault(one, one)
        while parent != one:
            self._parent[one] = one = self._parent[parent]
            parent = self._parent[one]
        return one

    def join(self, one: UUID, two: UUID) -> None:
        self._parent[self.find(two)] = self.find(one)

    def groups(self, nodes: Iterable[UUID]) -> dict[UUID, list[UUID]]:
        """By root, the nodes in the order given."""
        found: dict[UUID, list[UUID]] = {}
        for node in nodes:
            found.setdefault(self.find(node), []).append(node)
        return found
