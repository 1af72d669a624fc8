"""What a batch touches: locked, and loaded as the planner of people wants it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from chassis.database import Tx

from profile_service.domain.calls import Key
from profile_service.domain.identity import Member, Slice
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.domain.ownership import MAX_NEIGHBOURS, Login, minute_of
from profile_service.domain.partition import Edge, Pair, Refusal
from profile_service.store import graph, identifiers, logins


@dataclass(slots=True)
class News:
    """What was not known before. Log-ins are stored already, edges and newborn identities are not."""

    newborn: dict[UUID, tuple[Key, int]] = field(default_factory=dict)
    """Identity → (key, number)."""
    edges: dict[Pair, Edge] = field(default_factory=dict)
    weak_edges: dict[Pair, Edge] = field(default_factory=dict)
    logins: dict[UUID, list[Login]] = field(default_factory=dict)
    """Of weak identities that have to be planned."""
    strong: set[UUID] = field(default_factory=set)
    """Known ones whose component has to be planned, beside the ends of edges."""
    weak: set[UUID] = field(default_factory=set)
    """Known weak ones that have to be planned, beside those of edges and log-ins."""
    replayed: set[UUID] = field(default_factory=set)
    """Weak ones of which every log-in has to be looked at again."""

    def __bool__(self) -> bool:
        return any(
            (self.newborn, self.edges, self.weak_edges, self.logins, self.strong, self.weak, self.replayed)
        )


@dataclass(slots=True)
class Loaded:
    known: Slice
    stored: dict[Pair, tuple[Edge, bool, Refusal | None]]
    """Edges as they are stored: (edge, between weak ones, refusal)."""


class LoadSlice:
    """Locks people before it looks at them, and whoever is found to belong to what it looks at. What is returned holds
    until the transaction ends: nobody gains or loses an edge without holding the locks of both its ends."""

    def __init__(
        self, tx: Tx, settings: IdentitySettings, hints: Iterable[Member] = (), *, locking: bool = True
    ) -> None:
        self._tx = tx
        self._locking = locking
        self._settings = settings
        self._rows: dict[UUID, graph.NodeRow] = {}
        self._locked: set[UUID] = set()
        self._hints = {m.identity_id: m.profile_id for m in hints if not m.newborn}

    async def __call__(self, news: News) -> Loaded:
        known = Slice()
        stored: dict[Pair, tuple[Edge, bool, Refusal | None]] = {}
        legacy: dict[UUID, list[tuple[int, UUID]]] = {}
        for identity, (key, number) in news.newborn.items():
            (known.nodes if self._settings.is_strong(key[0]) else known.weak)[identity] = key
            known.members[identity] = Member(identity, identity, number, 0)
            known.numbers[identity] = number
        frontier = self._touched(news)
        expanded: set[UUID] = set()
        while frontier:
            await self._reach(frontier)
            open_ends = {i for i in frontier if self._rows[i].state not in ("suspected", "blocked")}
            expanded |= frontier
            found = await graph.edges_of(self._tx, open_ends)
            # What is set aside may have thousands, of which those by hand count.
            found |= await graph.edges_by_hand(self._tx, frontier - open_ends)
            stored |= found
            await self._reach(
                {end for pair in found for end in pair} - self._rows.keys() - news.newborn.keys()
            )
            frontier = self._next(found, legacy) - expanded - news.newborn.keys()
        await self._add_logins(known, news, expanded, legacy)
        self._fill(known, expanded, stored, news)
        if any(self._rows[i].barred for i in expanded):
            known.never = await graph.never_links(self._tx, expanded)
        strong = [i for i in expanded if i in known.nodes]
        if strong:
            known.attached = await logins.attached(self._tx, strong, known.weak)
        return Loaded(known, stored)

    def _touched(self, news: News) -> set[UUID]:
        ends = {end for pair in (*news.edges, *news.weak_edges) for end in pair}
        return (ends | news.strong | news.weak | news.logins.keys() | news.replayed) - news.newborn.keys()

    def _strong(self, identity: UUID) -> bool:
        return self._settings.is_strong(self._rows[identity].key[0])

    async def _reach(self, identities: Collection[UUID]) -> None:
        """Describes them, their people held."""
        missing = set(identities) - self._rows.keys()
        people = {self._hints[i] for i in missing if i in self._hints} - self._locked
        while missing:
            if people and self._locking:
                await identifiers.lock_people(self._tx, people)
                self._locked |= people
            found = await graph.describe(self._tx, missing)
            people = {row.member.profile_id for row in found.values()} - self._locked
            if not people or not self._locking:
                self._rows |= found
                return

    def _next(
        self, found: dict[Pair, tuple[Edge, bool, Refusal | None]], legacy: dict[UUID, list[tuple[int, UUID]]]
    ) -> set[UUID]:
        """The ends to go on from. An edge between a weak and a strong one, as the release before writes them, is a
        log-in."""
        ends: set[UUID] = set()
        degree: dict[UUID, int] = {}
        for (low, high), (edge, weak, _) in found.items():
            if weak:
                for end in (low, high):
                    degree[end] = degree.get(end, 0) + 1
            strong = [end for end in (low, high) if end not in self._rows or self._strong(end)]
            if len(strong) == 1:
                other = high if strong[0] == low else low
                legacy.setdefault(other, []).append((edge.at, strong[0]))
                continue
            ends |= {low, high}
        return {end for end in ends if degree.get(end, 0) <= MAX_NEIGHBOURS}

    async def _add_logins(
        self, known: Slice, news: News, expanded: Collection[UUID], legacy: dict[UUID, list[tuple[int, UUID]]]
    ) -> None:
        weak = {i for i in expanded if not self._strong(i)}
        known.firsts = await logins.first_logins(self._tx, weak)
        for identity in weak:
            for at, owner in legacy.get(identity, ()):
                key = self._rows[owner].key
                known.firsts.setdefault(identity, []).append(Login(minute_of(at), key, owner))
        since = {w: min(login.at for login in news.logins[w]) for w in weak & news.logins.keys()}
        since |= dict.fromkeys(weak & news.replayed, 0)
        known.logins = await logins.logins_since(self._tx, since)
        known.spans = await logins.spans_since(self._tx, {w: since.get(w) for w in weak})
        for identity in news.newborn.keys() & news.logins.keys():
            known.firsts[identity] = known.logins[identity] = news.logins[identity]
        owners = {login.owner for some in (*known.firsts.values(), *known.logins.values()) for login in some}
        owners |= {span.owner for spans in known.spans.values() for span in spans}
        await self._reach(owners - news.newborn.keys())

    def _fill(
        self,
        known: Slice,
        expanded: Collection[UUID],
        stored: dict[Pair, tuple[Edge, bool, Refusal | None]],
        news: News,
    ) -> None:
        for identity, row in self._rows.items():
            known.members[identity] = row.member
            known.numbers[identity] = row.number
            if row.state == "released":
                known.released.add(identity)
            elif row.state is not None:
                known.set_aside.add(identity)
            if identity in expanded:
                (known.nodes if self._strong(identity) else known.weak)[identity] = row.key
        for pair, (edge, weak, _) in stored.items():
            if pair[0] in known.nodes and pair[1] in known.nodes:
                known.edges[pair] = edge
            elif weak and pair[0] in known.weak and pair[1] in known.weak:
                known.weak_edges[pair] = edge
        for mine, theirs in ((known.edges, news.edges), (known.weak_edges, news.weak_edges)):
            for pair, edge in theirs.items():
                if pair not in mine or not mine[pair].by_hand:
                    mine[pair] = edge
                    known.fresh.add(pair)
