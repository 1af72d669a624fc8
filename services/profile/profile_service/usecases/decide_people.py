"""Decisions by hand about who is one person. Each is kept for ever and can be undone."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.clock import Clock, to_ms
from chassis.database import Tx
from chassis.errors import InvalidArgument, NotFound, StateConflict
from chassis.ids import new_id

from profile_service.domain.identity import IdentityPlan, Member
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.domain.ownership import GIVEN_AT, Login
from profile_service.domain.partition import Edge, Pair
from profile_service.store import decisions, graph, identifiers, logins
from profile_service.store.decisions import Decision
from profile_service.usecases.apply_plan import Applied, apply_plan
from profile_service.usecases.load_slice import Loaded, News
from profile_service.usecases.settle_people import settle

STATES = ("blocked", "released")


@dataclass(frozen=True, slots=True)
class Decided:
    decision_id: UUID
    applied: Applied


@dataclass(frozen=True, slots=True)
class Actor:
    name: str
    reason: str


class DecidePeople:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def merge(
        self, tx: Tx, settings: IdentitySettings, one: UUID, other: UUID, actor: Actor
    ) -> Decided:
        """`one` and `other` are people. Never-links between them are undone: the last word counts."""
        parts = [await self._person(tx, settings, p) for p in (one, other)]
        if one == other:
            raise StateConflict("they are one person already", state="merged")
        left, right = ([m.identity_id for m in part.members] for part in parts)
        decision = self._decision("always_link", left, right, actor)
        await decisions.record(tx, decision)
        for rule in await decisions.never_links_between(tx, left, right):
            await self._lift(tx, rule, actor)
        news = await self._whole(tx, settings, [m for part in parts for m in part.members])
        await self._link(tx, news, settings, decision, [part.first for part in parts])
        await self._hold_together(tx, news, settings, decision, [*left, *right])
        return await self._settle(tx, settings, news, decision)

    async def split(
        self, tx: Tx, settings: IdentitySettings, person: UUID, off: Collection[UUID], actor: Actor
    ) -> Decided:
        """Takes the identities `off` out of the person: they are one person of their own, whatever was said before."""
        members = await identifiers.members_of(tx, [person])
        left = [m.identity_id for m in members if m.identity_id in off]
        right = [m.identity_id for m in members if m.identity_id not in off]
        if not left:
            raise StateConflict("none of these is part of the person any more", state="split")
        if not right:
            raise InvalidArgument("this would leave nobody: name fewer identifiers", field="identifiers")
        decision = self._decision("never_link", left, right, actor)
        await decisions.record(tx, decision)
        await decisions.keep_apart(tx, decision.decision_id, left, right)
        news = await self._whole(tx, settings, members)
        for side in (left, right):
            await self._hold_together(tx, news, settings, decision, side)
        return await self._settle(tx, settings, news, decision)

    async def set_aside(
        self, tx: Tx, settings: IdentitySettings, identity: UUID, state: str, actor: Actor
    ) -> Decided:
        """`blocked`: it joins nobody. `released`: it does, and is never under suspicion again."""
        if state not in STATES:
            raise InvalidArgument("must be blocked or released", field="state")
        found = await graph.describe(tx, [identity])
        if identity not in found:
            raise NotFound("no identifier has this identity", kind="identity")
        decision = self._decision(state, [identity], [], actor)
        await decisions.record(tx, decision)
        news = News()
        neighbours = {end for pair in await graph.edges_of(tx, [identity]) for end in pair} | {identity}
        await self._concern(tx, news, settings, neighbours)
        news.replayed |= set(await logins.devices_of(tx, [identity]))
        before = await decisions.in_force(tx, identity)
        if before is not None:
            await self._lift(tx, before, actor)
        await decisions.set_state(tx, decision, identity)
        return await self._settle(tx, settings, news, decision)

    async def undo(self, tx: Tx, settings: IdentitySettings, decision_id: UUID, actor: Actor) -> Decided:
        """As if it had not been decided. Facts that came since count."""
        found = await decisions.hold(tx, decision_id)
        if found is None:
            raise NotFound("no decision has this id", kind="decision")
        undone, already = found
        if already or undone.kind == "undo":
            raise StateConflict("this decision is undone already, or undoes another", state="undone")
        both = [*undone.left, *undone.right]
        news = News()
        ends = {end for pair in await graph.edges_of(tx, both) for end in pair} | set(both)
        await self._concern(tx, news, settings, ends)
        if undone.kind in STATES:
            news.replayed |= set(await logins.devices_of(tx, undone.left))
        return await self._settle(tx, settings, news, await self._lift(tx, decision_id, actor))

    async def _lift(self, tx: Tx, decision_id: UUID, actor: Actor) -> Decision:
        """Takes back what is in force of a decision."""
        decision = self._decision("undo", (), (), actor, decision_id)
        await decisions.record(tx, decision)
        await decisions.forget(tx, decision_id)
        return decision

    def _decision(
        self,
        kind: str,
        left: Iterable[UUID],
        right: Iterable[UUID],
        actor: Actor,
        undoes: UUID | None = None,
    ) -> Decision:
        return Decision(
            new_id(), kind, tuple(left), tuple(right), undoes, actor.reason, actor.name, self._clock.now()
        )

    async def _person(self, tx: Tx, settings: IdentitySettings, person: UUID) -> "_Person":
        members = await identifiers.members_of(tx, [person])
        rows = await graph.describe(tx, [m.identity_id for m in members])
        strong = [i for i, row in rows.items() if settings.is_strong(row.key[0])]
        first = min(strong or rows, key=lambda i: rows[i].number)
        return _Person(members, first)

    async def _whole(self, tx: Tx, settings: IdentitySettings, members: Sequence[Member]) -> News:
        news = News()
        await self._concern(tx, news, settings, [m.identity_id for m in members])
        return news

    async def _concern(
        self, tx: Tx, news: News, settings: IdentitySettings, identities: Collection[UUID]
    ) -> None:
        """Everything about them is planned anew."""
        rows = await graph.describe(tx, identities)
        strong = {i for i, row in rows.items() if settings.is_strong(row.key[0])}
        news.strong |= strong
        news.replayed |= rows.keys() - strong

    async def _hold_together(
        self, tx: Tx, news: News, settings: IdentitySettings, decision: Decision, side: Collection[UUID]
    ) -> None:
        """What the decision would let fall apart, because only the other side held it together or because of a guard,
        is held together by hand. Devices of which each was somebody else's next go to these: nothing holds them."""
        tried: set[Pair] = set()
        while len(pieces := _pieces(*await settle(tx, news, settings), side)) > 1:
            first, *others = pieces
            untried = [other for other in others if (first, other) not in tried]
            if not untried:
                return
            tried |= {(first, other) for other in untried}
            await self._link(tx, news, settings, decision, [first, *untried])

    async def _link(
        self, tx: Tx, news: News, settings: IdentitySettings, decision: Decision, pieces: Sequence[UUID]
    ) -> None:
        """Joins the first with each other: strong ones and weak ones by edges, a weak one to a strong one by giving it
        to them."""
        rows = await graph.describe(tx, pieces)
        first, strong = pieces[0], {i for i in pieces if settings.is_strong(rows[i].key[0])}
        for other in pieces[1:]:
            if len({first, other} & strong) == 1:
                owner, weak = (first, other) if first in strong else (other, first)
                await decisions.give(tx, weak, owner, decision)
                news.logins[weak] = [Login(GIVEN_AT, rows[owner].key, owner)]
                news.strong.add(owner)
                continue
            low, high = sorted((first, other))
            edge = Edge(low, high, to_ms(decision.at), str(decision.decision_id), by_hand=True)
            await decisions.link(tx, edge, decision, weak=first not in strong)
            (news.strong if first in strong else news.replayed).update((low, high))

    async def _settle(self, tx: Tx, settings: IdentitySettings, news: News, decision: Decision) -> Decided:
        loaded, plan = await settle(tx, news, settings)
        evidence: dict[str, Any] = {"decision_id": str(decision.decision_id)}
        applied = await apply_plan(tx, loaded, plan, news, decision.at, rule="by_hand", evidence=evidence)
        return Decided(decision.decision_id, applied)


@dataclass(frozen=True, slots=True)
class _Person:
    members: list[Member]
    first: UUID
    """The strong identity with the lowest number, else the weak one."""


def _pieces(loaded: Loaded, plan: IdentityPlan, side: Collection[UUID]) -> list[UUID]:
    """One identity of each person that the side would fall into, strong ones first."""
    known = loaded.known
    people: dict[UUID, UUID] = {}
    for identity in sorted(side, key=lambda i: (i not in known.nodes, known.numbers[i])):
        person = plan.people[identity][1] if identity in plan.people else known.members[identity].profile_id
        people.setdefault(person, identity)
    return list(people.values())
