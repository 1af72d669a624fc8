"""Who is one person, of everybody at once: what `partition` says of a set of facts, worked out over flat arrays.

Nearly every component is harmless as a whole, and every guard is monotone, so that such a component is one person in
whatever order its edges are looked at. Which are connected, and which of them a guard may have a word in, are sums and
sorts of whole columns; `partition` itself is asked about the few others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from profile_service.domain.id_rows import NONE, Halves, IdRows, Places, Rows, packed
from profile_service.domain.identity_settings import DAY_MS, IdentitySettings
from profile_service.domain.partition import Facts, Pair, partition

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Digests = NDArray[np.uint64]
ACCEPTED = 0


@dataclass(slots=True)
class Graph:
    """Strong identities by row, and the edges between them by their rows; with what is stored of each."""

    ids: IdRows
    kind: NDArray[np.int16]
    """Place in the settings' types."""
    scope: NDArray[np.uint32]
    """Of the scope's text. Two scopes that share one are told apart by `partition`."""
    person: Numbers
    """The number of the person that each is stored with."""
    low: Rows
    high: Rows
    at: Numbers
    """Milliseconds since 1970; of edges by hand any."""
    by_hand: Mask
    refusal: Digests
    """As stored: see `digest`."""
    never: "NeverLinks"
    blocked: Mask
    suspected: Mask
    released: Mask


class NeverLinks(NamedTuple):
    """A row for each identity of each rule."""

    rule: Numbers
    identity: Rows
    left: Mask


@dataclass(slots=True)
class Rebuilt:
    graph: Graph
    group: Rows
    """Of each identity, the lowest row of those who are one person with it."""
    live: Mask
    """Edges that join unless a guard refuses them."""
    refusal: Digests
    suspects: Mask
    conflict: Mask
    """Identities of components in which a guard may refuse something: grouped rightly only once they are decided."""


class Conflicts(NamedTuple):
    """Some whole components that have to be looked at edge by edge."""

    identities: Sequence[UUID]
    edges: Places
    ends: Sequence[Pair]
    """Of the edges."""


@dataclass(slots=True)
class Differences:
    """Between what is stored and what is right."""

    rebuilt: Rebuilt
    regrouped: Places
    """Identities of people who should be others, and of the others."""
    edges: Places
    """Refused for another reason, or not refused, or refused."""
    suspected: Places
    """Should be set aside."""
    absolved: Places
    """Should not."""

    def touched(self) -> Places:
        """Identities whose components have to be planned again, those of one person together."""
        graph = self.rebuilt.graph
        turned = np.zeros(len(graph.ids), np.bool_)
        turned[self.suspected] = turned[self.absolved] = True
        about = np.r_[self.edges, np.flatnonzero(turned[graph.low] | turned[graph.high])]
        turned[self.regrouped] = turned[graph.low[about]] = turned[graph.high[about]] = True
        rows = np.flatnonzero(turned)
        return rows[np.argsort(self.rebuilt.group[rows], kind="stable")]


@lru_cache(maxsize=65_536)
def digest(reason: str, detail: str) -> int:
    """What a refusal is compared by; the store works out the same. 0 stands for none."""
    return int.from_bytes(sha256(f"{reason} {detail}".encode()).digest()[:8], "big")


def rebuild(graph: Graph, settings: IdentitySettings, *, anew: bool = True) -> Rebuilt:
    """People by what is stored of facts. `anew`: under suspicion is whom the facts alone bring there, else those who
    are stay so. Its `conflicts` have to be decided before it is whole."""
    suspects = _suspects(graph, settings)
    if not anew:
        suspects |= graph.suspected
    out = graph.blocked | suspects
    dropped = ~graph.by_hand & (out[graph.low] | out[graph.high])
    refusal = np.full(len(graph.low), ACCEPTED, np.uint64)
    aside, which = np.unique(
        np.where(out[graph.low[dropped]], graph.low[dropped], graph.high[dropped]), return_inverse=True
    )
    refusal[dropped] = np.array([digest("set_aside", str(i)) for i in graph.ids.ids(aside)], np.uint64)[which]
    group = _components(len(graph.ids), graph.low[~dropped], graph.high[~dropped])
    conflict = _in_conflict(graph, group, settings)[group]
    return Rebuilt(graph, group, ~dropped, refusal, suspects, conflict)


def conflicts(rebuilt: Rebuilt, most: int) -> Iterator[Conflicts]:
    """Those that a guard may have a word in, about `most` identities at a time."""
    graph, group = rebuilt.graph, rebuilt.group
    identities = np.flatnonzero(rebuilt.conflict)
    identities = identities[np.argsort(group[identities], kind="stable")]
    edges = np.flatnonzero(rebuilt.live & rebuilt.conflict[graph.low])
    edges = edges[np.argsort(group[graph.low[edges]], kind="stable")]
    of_identity, of_edge = group[identities], group[graph.low[edges]]
    # `decide` gives identities other groups: of what comes, nothing is looked up in them.
    start = 0
    while start < len(identities):
        last = of_identity[min(start + most, len(identities)) - 1]
        end = int(np.searchsorted(of_identity, last, "right"))
        first, after = np.searchsorted(of_edge, (of_identity[start], last + 1))
        yield Conflicts(
            graph.ids.ids(identities[start:end]), edges[first:after], pairs(graph, edges[first:after])
        )
        start = end


def pairs(graph: Graph, edges: Places) -> list[Pair]:
    return list(zip(graph.ids.ids(graph.low[edges]), graph.ids.ids(graph.high[edges]), strict=True))


def decide(rebuilt: Rebuilt, some: Conflicts, facts: Facts, settings: IdentitySettings) -> None:
    """`facts` are those about `some`; who is set aside, and the edges that ends, are left out of them."""
    graph = rebuilt.graph
    found = partition(facts, settings)
    if found.groups:
        rows = graph.ids.find(packed(i for group in found.groups for i in group))
        sizes = [len(group) for group in found.groups]
        starts = np.cumsum([0, *sizes[:-1]])
        rebuilt.group[rows] = np.repeat(np.minimum.reduceat(rows, starts), sizes)
    row_of = dict(zip(some.ends, some.edges.tolist(), strict=True)) if found.refused else {}
    for pair, refusal in found.refused.items():
        rebuilt.refusal[row_of[pair]] = digest(*refusal)


def differences(rebuilt: Rebuilt) -> Differences:
    graph = rebuilt.graph
    return Differences(
        rebuilt,
        _regrouped(rebuilt.group, graph.person),
        np.flatnonzero(rebuilt.refusal != graph.refusal),
        np.flatnonzero(rebuilt.suspects & ~graph.suspected),
        np.flatnonzero(graph.suspected & ~rebuilt.suspects),
    )


def _regrouped(group: Rows, person: Numbers) -> Places:
    """Rows whose group is of several people, or whose person is of several groups."""
    several = np.zeros(len(group), np.bool_)
    several[group[person != person[group]]] = True
    found = several[group]
    order = np.argsort(person, kind="stable")
    person, group = person[order], group[order]
    first = np.r_[True, person[1:] != person[:-1]][: len(person)]
    run = np.cumsum(first) - 1
    torn = np.zeros(len(group), np.bool_)
    torn[run[1:][~first[1:] & (group[1:] != group[:-1])]] = True
    found[order] |= torn[run]
    return np.flatnonzero(found)


def _suspects(graph: Graph, settings: IdentitySettings) -> Mask:
    """Named with more than so many others within a day."""
    found = np.zeros(len(graph.ids), np.bool_)
    most = settings.suspect_people
    told = ~graph.by_hand
    count = sum(np.bincount(end[told], minlength=len(found)) for end in (graph.low, graph.high))
    busy = (count > most) & ~graph.blocked & ~graph.released
    low, high = told & busy[graph.low], told & busy[graph.high]
    end, at = np.r_[graph.low[low], graph.high[high]], np.r_[graph.at[low], graph.at[high]]
    order = np.lexsort((at, end))
    end, at = end[order], at[order]
    within = (end[most:] == end[: len(end) - most]) & (at[most:] - at[: len(at) - most] < DAY_MS)
    found[end[most:][within]] = True
    return found


def _components(count: int, low: Rows, high: Rows) -> Rows:
    """The lowest row that each is connected with."""
    label = np.arange(count, dtype=np.int32)
    while len(low):
        one, two = label[low], label[high]
        apart = one != two
        low, high, one, two = low[apart], high[apart], one[apart], two[apart]
        np.minimum.at(label, np.maximum(one, two), np.minimum(one, two))
        while not np.array_equal(further := label[label], label):
            label = further
    return label


def _in_conflict(graph: Graph, group: Rows, settings: IdentitySettings) -> Mask:
    """By group: whether a guard may refuse something in it."""
    size = np.bincount(group, minlength=len(group))
    bad: Mask = size > settings.cluster_cap
    types = settings.types
    several = np.flatnonzero(size[group] > 1)
    key = np.sort(group[several].astype(np.int64) * len(types) + graph.kind[several])
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, np.int64)
    count, kind = np.diff(np.r_[starts, len(key)]), key[starts] % len(types)
    most = np.array([np.iinfo(np.int64).max if t.most is None else t.most for t in types])
    bad[key[starts[count > most[kind]]] // len(types)] = True
    unique = np.array([t.unique for t in types])
    twice = np.zeros(len(group), np.bool_)
    twice[key[starts[(count > 1) & unique[kind]]] // len(types)] = True
    rows = np.flatnonzero(twice[group] & unique[graph.kind])
    slots = (graph.scope[rows], graph.kind[rows], group[rows])
    order = np.lexsort(slots)
    same = np.logical_and.reduce([slot[order][1:] == slot[order][:-1] for slot in slots])
    bad[group[rows][order][1:][same]] = True
    rule, identity, left = graph.never
    side = rule * len(group) + group[identity]
    bad[np.intersect1d(side[left], side[~left]) % max(len(group), 1)] = True
    return bad


def never_links(ids: IdRows, rules: Sequence[UUID], identities: Halves, left: Mask) -> NeverLinks:
    """`rules`, `identities`, `left`: a row each; identities that have no row are left out."""
    rows = ids.find(identities)
    numbers = {rule: n for n, rule in enumerate(dict.fromkeys(rules))}
    kept = rows != NONE
    return NeverLinks(
        np.array([numbers[r] for r in rules], np.int64)[kept], rows[kept], np.asarray(left, np.bool_)[kept]
    )
