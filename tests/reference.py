"""Who is one person, the plain way: everything that was ever said, looked at from the beginning each time.

Written from the rules alone (docs/guides/identity.md) and slow on purpose; what the planner, its slices and its SQL come
to must be the same, whatever the order of arrival, the batches and the crashes in between.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

MINUTE = 60_000
DAY = 24 * 60 * MINUTE


@dataclass(frozen=True)
class Said:
    """A record: `names` are written type:value."""

    message: str
    at: int
    names: tuple[str, ...]


@dataclass
class Reference:
    strong: tuple[str, ...] = ("user_id", "member_id", "crm_id", "wechat_unionid")
    unique: frozenset[str] = frozenset({"user_id", "member_id", "wechat_unionid"})
    most: Mapping[str, int] = field(default_factory=lambda: {"crm_id": 5})
    weak: tuple[str, ...] = ("device_id", "anonymous_id")
    cap: int = 20
    suspect: int = 10
    said: dict[str, Said] = field(default_factory=dict)
    never: dict[str, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    by_hand: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    aside: set[str] = field(default_factory=set)
    released: set[str] = field(default_factory=set)
    erased: frozenset[str] = frozenset()
    """Names of people who were erased: no link and no log-in of theirs was ever there."""
    _asides: dict[object, frozenset[str]] = field(default_factory=dict, repr=False)

    def rank(self, name: str) -> int:
        return (*self.strong, *self.weak).index(name.partition(":")[0])

    def is_weak(self, name: str) -> bool:
        return name.partition(":")[0] in self.weak

    def people(self) -> set[frozenset[str]]:
        """As from birth: a weak name is with its first owner."""
        names = {n for s in self.said.values() for n in s.names} - self.erased
        clusters = self._strong_clusters({n for n in names if not self.is_weak(n)})
        groups = [set(c) for c in clusters]
        for visitors in self._visitors({n for n in names if self.is_weak(n)}):
            owned = [logins[0][1] for v in visitors if (logins := self.logins(v))]
            home = next((g for g in groups if owned and owned[0] in g), None)
            if home is None:
                groups.append(visitors)
            else:
                home |= visitors
        return {frozenset(g) for g in groups}

    def logins(self, weak: str) -> list[tuple[int, str]]:
        aside = self._aside()
        barred = {n for a, b in self._never() if weak in a for n in b}
        times: dict[tuple[int, str], list[int]] = {}
        for said in self.said.values():
            strong = sorted((n for n in said.names if not self.is_weak(n)), key=lambda n: (self.rank(n), n))
            if not (weak in said.names and strong) or strong[0] in barred | self.erased:
                continue
            if said.at == 0 or strong[0] not in aside:
                times.setdefault((said.at // MINUTE, strong[0]), []).append(said.at)
        return sorted({(at, owner) for (_, owner), some in times.items() for at in (min(some), max(some))})

    def owners(self, weak: str) -> list[tuple[int, frozenset[str]]]:
        """(from when, person) of each change of hands, the first from the beginning."""
        return self._owners(weak, {n: p for p in self.people() for n in p})

    def _owners(self, weak: str, person: Mapping[str, frozenset[str]]) -> list[tuple[int, frozenset[str]]]:
        runs: list[tuple[int, frozenset[str]]] = []
        for at, owner in self.logins(weak):
            if not runs or runs[-1][1] != person[owner]:
                if len(runs) > 1 and runs[-1][0] == at:
                    runs.pop()
                runs.append((at, person[owner]))
        return [(0, person[weak]), *runs[1:]]

    def doers(self) -> dict[str, frozenset[str]]:
        """Message → whose event it is. What names nothing stronger than an erased name is left out: it went with its
        doer, who need not be the one that was erased."""
        person = {n: p for p in self.people() for n in p}
        runs = {n: self._owners(n, person) for n in person if self.is_weak(n)}
        found = {}
        for said in self.said.values():
            first = min(said.names, key=lambda n: (self.rank(n), n))
            if first in self.erased:
                continue
            found[said.message] = person[first]
            if first in runs:
                found[said.message] = [p for start, p in runs[first] if start <= said.at][-1]
        return found

    def _edges(self, weak: bool) -> dict[tuple[str, str], tuple[int, str]]:
        found: dict[tuple[str, str], tuple[int, str]] = {}
        for said in self.said.values():
            names = sorted(set(said.names), key=lambda n: (self.rank(n), n))
            strong = [n for n in names if not self.is_weak(n)]
            some = ([] if strong else names) if weak else strong
            for other in some[1:]:
                pair = min(some[0], other), max(some[0], other)
                if self.erased & set(pair):
                    continue
                found[pair] = min(found.get(pair, (1 << 60, "")), (said.at, said.message))
        return found

    def _never(self) -> list[tuple[frozenset[str], frozenset[str]]]:
        return [pair for a, b in self.never.values() for pair in ((a, b), (b, a))]

    def _aside(self) -> frozenset[str]:
        # Asked for every device; facts are only added, so their number tells them apart.
        key = (len(self.said), frozenset(self.aside), frozenset(self.released), self.suspect, self.erased)
        if key not in self._asides:
            self._asides[key] = frozenset(self._find_aside())
        return self._asides[key]

    def _find_aside(self) -> set[str]:
        found = set(self.aside)
        edges = self._edges(weak=False)
        times_of: dict[str, list[int]] = {}
        for pair, (at, _) in edges.items():
            for name in pair:
                times_of.setdefault(name, []).append(at)
        for name in times_of.keys() - self.released:
            times = sorted(times_of[name])
            if any(b - a < DAY for a, b in zip(times, times[self.suspect :], strict=False)):
                found.add(name)
        return found

    def _strong_clusters(self, names: Collection[str]) -> list[set[str]]:
        aside = self._aside()
        order = [
            (0, max(map(self.rank, p)), *self.by_hand[p], p) for p in self.by_hand if set(p) <= set(names)
        ]
        order += [
            (1, max(map(self.rank, pair)), at, message, pair)
            for pair, (at, message) in self._edges(weak=False).items()
            if not aside & set(pair) and pair not in self.by_hand
        ]
        clusters = [{n} for n in names]
        for turn, *_, pair in sorted(order):
            one, two = (next(c for c in clusters if end in c) for end in pair)
            if one is not two and self._may(one, two, bool(turn)):
                clusters = [c for c in clusters if c is not one and c is not two] + [one | two]
        return clusters

    def _may(self, one: set[str], two: set[str], automatic: bool) -> bool:
        if any(a & (one | two) and b & (one | two) for a, b in self._never()):
            return False
        if not automatic:
            return True
        kinds = [[n.partition(":")[0] for n in side] for side in (one, two)]
        for kind in set(kinds[0]) & set(kinds[1]):
            if kinds[0].count(kind) + kinds[1].count(kind) > (
                1 if kind in self.unique else self.most.get(kind, 99)
            ):
                return False
        return len(one | two) <= self.cap

    def _visitors(self, names: Collection[str]) -> list[set[str]]:
        strong = {n: frozenset(c) for c in self._strong_clusters(self._all_strong()) for n in c}
        moving = {
            n for n in names if any(strong[a] != strong[b] for (_, a), (_, b) in pairwise(self.logins(n)))
        }
        clusters = [{n} for n in names]
        order = [(0, *self.by_hand[p], p) for p in self.by_hand if set(p) <= set(names)]
        order += [(1, *stamp, p) for p, stamp in self._edges(weak=True).items() if p not in self.by_hand]
        for automatic, *_, pair in sorted(order):
            lone = moving | (self.aside if automatic else set())
            one, two = (next(c for c in clusters if end in c) for end in pair)
            owned = [any(self.logins(n) for n in c) for c in (one, two)]
            apart = any(a & (one | two) and b & (one | two) for a, b in self._never())
            if one is not two and not lone & set(pair) and not all(owned) and not apart:
                clusters = [c for c in clusters if c is not one and c is not two] + [one | two]
        return clusters

    def _all_strong(self) -> set[str]:
        return {n for s in self.said.values() for n in s.names if not self.is_weak(n)}
