"""Who is one person: exact match over identifiers.

Each identifier owns an identity (leaf) from birth. Identifiers that one record names together belong to one person.
People are the connected components of these edges, so neither the order nor the batching of facts matters. A person
is named by its member with the lowest number; a merge moves membership rows and nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Member:
    """An identity and the person it belongs to. `version` 0: born in this batch, nobody has heard of it."""

    identity_id: UUID
    profile_id: UUID
    profile_no: int
    version: int

    @property
    def newborn(self) -> bool:
        return self.version == 0


@dataclass(frozen=True, slots=True)
class Linked:
    """The identities that one record names, the strongest first."""

    message_id: str
    identity_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """People who turn out to be one: `losers` become part of `winner`."""

    winner_id: UUID
    winner_no: int
    loser_ids: tuple[UUID, ...]
    message_id: str
    """The record that joined them."""


@dataclass(frozen=True, slots=True)
class IdentityPlan:
    merges: tuple[Merge, ...]
    names: Mapping[UUID, tuple[UUID, int]]
    """Old profile id → (profile id, number) of every person whose name changes, newborn ones included."""
    edges: tuple[tuple[UUID, UUID, str], ...]
    """(lower id, higher id, message id), each pair once."""

    people_concerned: frozenset[UUID]
    """People met before who gain or lose identities: their rows must be locked for the plan to hold."""


def plan_identity(facts: Iterable[Linked], members: Mapping[UUID, Member]) -> IdentityPlan:
    """Joins the people that the facts link. `members` holds every identity that a fact names."""
    groups = _Groups()
    edges: dict[tuple[UUID, UUID], str] = {}
    joined_by: dict[tuple[UUID, UUID], str] = {}
    for fact in facts:
        first = fact.identity_ids[0]
        for other in fact.identity_ids[1:]:
            low, high = sorted((first, other))
            edges.setdefault((low, high), fact.message_id)
            one, two = members[first].profile_id, members[other].profile_id
            if groups.join(one, two):
                joined_by[one, two] = fact.message_id
    numbers = {m.profile_id: m.profile_no for m in members.values()}
    newborn = {m.profile_id for m in members.values() if m.newborn}
    merges: list[Merge] = []
    concerned: set[UUID] = set()
    names: dict[UUID, tuple[UUID, int]] = {}
    for group in groups.all():
        winner = min(group, key=lambda p: (numbers[p], p))
        for person in group:
            if person != winner:
                names[person] = (winner, numbers[winner])
        met_before = [p for p in group if p not in newborn]
        concerned.update(met_before)
        losers = sorted((p for p in met_before if p != winner), key=lambda p: (numbers[p], p))
        if losers:
            message = next((m for (a, b), m in joined_by.items() if a in losers or b in losers), "")
            merges.append(Merge(winner, numbers[winner], tuple(losers), message))
    pairs = tuple((low, high, message) for (low, high), message in edges.items())
    return IdentityPlan(tuple(merges), names, pairs, frozenset(concerned))


class _Groups:
    """Union-find over people."""

    def __init__(self) -> None:
        self._parent: dict[UUID, UUID] = {}

    def find(self, one: UUID) -> UUID:
        parent = self._parent.setdefault(one, one)
        while parent != one:
            self._parent[one] = one = self._parent[parent]
            parent = self._parent[one]
        return one

    def join(self, one: UUID, two: UUID) -> bool:
        """Whether they were apart."""
        root_one, root_two = self.find(one), self.find(two)
        if root_one == root_two:
            return False
        self._parent[root_two] = root_one
        return True

    def all(self) -> Iterable[list[UUID]]:
        found: dict[UUID, list[UUID]] = {}
        for person in self._parent:
            found.setdefault(self.find(person), []).append(person)
        return (group for group in found.values() if len(group) > 1)
