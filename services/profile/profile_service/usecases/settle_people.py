"""Identifiers of a batch of calls → the identities that own them, and the people these are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.clock import Clock
from chassis.crypto import WorkspaceCipher
from chassis.database import Tx
from chassis.ids import new_id

from profile_service.domain.calls import Call, Key
from profile_service.domain.identifiers import PERSONAL, Identifier
from profile_service.domain.identity import IdentityPlan, Member, changed_groups, plan_identity, unsettled
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.domain.ownership import Login, Seen, minute_of
from profile_service.domain.partition import Edge, Pair
from profile_service.store import graph, identifiers, logins
from profile_service.store.identifiers import NewIdentifier
from profile_service.store.numbers import Numbers
from profile_service.usecases.apply_plan import Applied, apply_plan
from profile_service.usecases.load_slice import Loaded, LoadSlice, News


@dataclass(slots=True)
class People:
    """What became of the identities of a batch."""

    of_key: dict[Key, UUID]
    own: dict[str, Member]
    """By message id: the identity of the strongest identifier that the call names. What it says hangs there."""
    subjects: dict[str, Member]
    """By message id: whose doing the call is. One that names only weak identifiers is the owner's at the time."""
    applied: Applied
    newborn: Mapping[UUID, int]
    """Their numbers. They have memberships already, and are written with what is said of them."""


@dataclass(slots=True)
class _Said:
    """What the calls say about who is who."""

    edges: dict[Pair, Edge] = field(default_factory=dict)
    weak_edges: dict[Pair, Edge] = field(default_factory=dict)
    logins: dict[tuple[UUID, int, UUID], Seen] = field(default_factory=dict)
    """By weak identity, minute and owner."""
    messages: dict[tuple[UUID, UUID], str] = field(default_factory=dict)
    """Of the first log-in of each (weak, owner)."""


class SettlePeople:
    def __init__(self, numbers: Numbers, clock: Clock) -> None:
        self._numbers = numbers
        self._clock = clock

    async def __call__(
        self,
        tx: Tx,
        calls: Sequence[Call],
        keys: Mapping[str, list[Key]],
        cipher: WorkspaceCipher,
        settings: IdentitySettings,
    ) -> People:
        """`keys`: those of each call, by message id, the strongest first."""
        values = {k: i for c in calls for k, i in zip(keys[c.message_id], c.identifiers, strict=True)}
        known = await identifiers.find(tx, values) if values else {}
        born = await self._give_birth(tx, {k: i for k, i in values.items() if k not in known}, cipher)
        if len(known) + len(born) < len(values):
            # A rival batch inserted some of them meanwhile, and has committed.
            known = await identifiers.find(tx, [k for k in values if k not in born])
        of_key = {k: m.identity_id for k, m in known.items()} | {k: n.identity_id for k, n in born.items()}
        members = {m.identity_id: m for m in known.values()}
        said = _said(calls, keys, of_key, settings)
        news = News(newborn={n.identity_id: (k, n.identity_no) for k, n in born.items()})
        newborn = {n.identity_id: n.identity_no for n in born.values()}
        await self._find_news(tx, said, members, news)
        applied = Applied()
        if news:
            loaded, plan = await settle(tx, news, settings, members.values())
            _name_logins(plan, said, news)
            applied = await apply_plan(
                tx, loaded, plan, news, self._clock.now(), rule="exact_match", evidence={}
            )
            members |= {i: m for i, m in loaded.known.members.items() if i in members}
            members |= applied.members
        leaves = {c.message_id: keys[c.message_id][0] for c in calls}
        weak = {of_key[key] for key in leaves.values() if key[0] not in settings.strong}
        # A log-in that is worked at the same time waits, and moves what is stored here; or this waits for it.
        members |= await identifiers.share(tx, weak - newborn.keys())
        own = {message: members[of_key[key]] for message, key in leaves.items()}
        return People(of_key, own, await _subjects(tx, calls, own), applied, newborn)

    async def _give_birth(
        self, tx: Tx, missing: dict[Key, Identifier], cipher: WorkspaceCipher
    ) -> dict[Key, NewIdentifier]:
        """Claims identifiers nobody had, each with an identity of its own."""
        if not missing:
            return {}
        await self._numbers.ensure(tx.workspace_id, len(missing))
        new = [
            NewIdentifier(
                key,
                cipher.seal(i.value.encode(), b"identifiers" + key[2]) if i.type in PERSONAL else None,
                new_id(),
                self._numbers.take(tx.workspace_id),
            )
            for key, i in missing.items()
        ]
        claimed = await identifiers.claim(tx, new, self._clock.now())
        return {n.key: n for n in new if n.identity_id in claimed}

    async def _find_news(self, tx: Tx, said: _Said, members: dict[UUID, Member], news: News) -> None:
        """Edges not known yet, and weak identifiers in other hands than is known. `members` is brought up to date for
        those that somebody logged in with, which are held."""
        for mine, theirs in ((said.edges, news.edges), (said.weak_edges, news.weak_edges)):
            both = [e for e in mine.values() if e.low in members and e.high in members]
            fresh = await graph.news(tx, both)
            theirs |= {
                p: e for p, e in mine.items() if p in fresh or p[0] in news.newborn or p[1] in news.newborn
            }
        if not said.logins:
            return
        known = {w: members[w] for w, _, _ in said.logins if w not in news.newborn}
        members |= await logins.add_logins(tx, said.logins, known.values())
        for (w, _, owner), seen in said.logins.items():
            if _is_news(members.get(w), members.get(owner), seen.first.at):
                news.logins[w] = []
                if w not in news.newborn and owner not in news.newborn:
                    news.strong.add(owner)
        # The planner wants every log-in since the first of the news.
        for (w, _, _), seen in said.logins.items():
            if w in news.logins:
                news.logins[w] += seen.logins


def _is_news(weak: Member | None, owner: Member | None, at: int) -> bool:
    if weak is None or owner is None or weak.through is None:
        return True
    return (
        weak.profile_id != owner.profile_id
        if weak.owner is None
        else weak.owner != owner.identity_id or at < weak.since
    )


async def settle(
    tx: Tx, news: News, settings: IdentitySettings, hints: Iterable[Member] = (), *, locking: bool = True
) -> tuple[Loaded, IdentityPlan]:
    """Loads what the news touch, holding it unless told otherwise, and plans."""
    load = LoadSlice(tx, settings, hints, locking=locking)
    while True:
        loaded = await load(news)
        plan = plan_identity(loaded.known, settings)
        missing = unsettled(loaded.known, plan)
        news.strong |= missing
        gaining, losing = changed_groups(loaded.known, plan)
        # Behind the log-in of somebody who loses others may stand those of the others, who took it over from nobody then.
        shared = set(await logins.shared_by(tx, gaining | losing)) if gaining or losing else set()
        shared |= set(await logins.weak_of(tx, losing)) if losing else set()
        if not missing and shared <= news.replayed:
            return loaded, plan
        news.replayed |= shared


def _said(
    calls: Iterable[Call],
    keys: Mapping[str, list[Key]],
    of_key: Mapping[Key, UUID],
    settings: IdentitySettings,
) -> _Said:
    said = _Said()
    for call in calls:
        named = keys[call.message_id]
        if len(named) == 1:
            continue
        at = call.at
        strong = [k for k in named if k[0] in settings.strong]
        weak = [of_key[k] for k in named if k[0] not in settings.strong]
        _star(said.edges, [of_key[k] for k in strong], at, call.message_id)
        if not strong:
            _star(said.weak_edges, weak, at, call.message_id)
            continue
        login = Login(at, strong[0], of_key[strong[0]])
        for one in weak:
            _see(said.logins, one, login)
            said.messages.setdefault((one, login.owner), call.message_id)
    return said


def _see(logins: dict[tuple[UUID, int, UUID], Seen], weak: UUID, login: Login) -> None:
    key = weak, minute_of(login.at), login.owner
    known = logins.get(key)
    logins[key] = Seen(min(known.first, login), max(known.last, login)) if known else Seen(login, login)


def _star(edges: dict[Pair, Edge], identities: Sequence[UUID], at: int, message_id: str) -> None:
    for other in identities[1:]:
        first = identities[0]
        pair = (first, other) if first < other else (other, first)
        known = edges.get(pair)
        if known is None or (at, message_id) < (known.at, known.message_id):
            edges[pair] = Edge(*pair, at, message_id)


def _name_logins(plan: IdentityPlan, said: _Said, news: News) -> None:
    """A merge without an edge is a log-in: an anonymous visitor became known."""
    named = {
        plan.people[w][1]: (w, login.owner, said.messages[w, login.owner])
        for w, logins in news.logins.items()
        if w in plan.people
        for login in logins[:1]
    }
    for n, merge in enumerate(plan.merges):
        if not merge.message_id and merge.winner_id in named:
            weak, owner, message = named[merge.winner_id]
            plan.merges[n] = merge._replace(message_id=message, ends=(weak, owner))


async def _subjects(tx: Tx, calls: Sequence[Call], own: dict[str, Member]) -> dict[str, Member]:
    shared = [c for c in calls if own[c.message_id].owner is not None]
    if not shared:
        return own
    owners = await logins.owners_at(tx, [(own[c.message_id].identity_id, c.at) for c in shared])
    leaf = {c.message_id: owner for c, owner in zip(shared, owners, strict=True) if owner is not None}
    owners_now = await identifiers.current(tx, set(leaf.values()))
    return own | {message: owners_now[owner] for message, owner in leaf.items()}
