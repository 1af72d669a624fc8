"""Writes what the planner of people decided."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chassis.clock import from_ms
from chassis.database import Tx
from chassis.ids import new_id

from profile_service.domain.identity import IdentityPlan, Member, Merge, Name, Split
from profile_service.domain.ownership import Span
from profile_service.store import facts, graph, identifiers, logins
from profile_service.store.facts import Moving
from profile_service.store.identifiers import Place
from profile_service.usecases.load_slice import Loaded, News

_NEVER = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(slots=True)
class Applied:
    members: dict[UUID, Member] = field(default_factory=dict)
    """Every identity that is new or moved, as it is now."""
    merges: list[tuple[UUID, Merge, list[Member]]] = field(default_factory=list)
    """(merge id, merge, identities that moved)."""
    splits: list[tuple[UUID, Split, list[Member]]] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    """Rows of events that are under another identity now: see `facts.move_events`."""
    owners: dict[UUID, Member] = field(default_factory=dict)
    """Those identities."""


async def apply_plan(
    tx: Tx,
    loaded: Loaded,
    plan: IdentityPlan,
    news: News,
    now: datetime,
    *,
    rule: str,
    evidence: dict[str, Any],
) -> Applied:
    """`rule` and `evidence` go into the ledgers: of merges what joined them, of splits why. Newborn identities
    themselves are written with what is said of them, by `facts.write_traits`."""
    known, done = loaded.known, Applied()
    newborn = [_place(i, plan.people[i], plan) for i in news.newborn]
    if newborn:
        done.members |= await identifiers.put(tx, newborn)
    moved = await _move(tx, loaded, plan, done)
    await _save_edges(tx, loaded, plan, news)
    await graph.set_aside(tx, plan.suspects, now)
    if plan.spans:
        since = {w: min((login.at for login in known.logins[w]), default=0) for w in plan.spans}
        fresh = {w: [s for s in spans if (s.start or 0) >= since[w]] for w, spans in plan.spans.items()}
        await logins.save_spans(tx, fresh, since)
        done.events = await facts.move_events(tx, _moving(loaded, plan, since))
        done.owners = await identifiers.current(tx, {row["new"] for row in done.events})
    await _record(tx, plan, done, moved, now, rule, evidence)
    return done


async def _move(
    tx: Tx, loaded: Loaded, plan: IdentityPlan, done: Applied
) -> dict[tuple[UUID, UUID], list[UUID]]:
    """(old person, new person) → identities that moved: those planned, and weak ones that follow theirs."""
    known = loaded.known
    places = {i: _place(i, name, plan) for i, name in plan.people.items() if not known.members[i].newborn}
    leaving = {
        member.profile_id
        for i, place in places.items()
        if (member := known.members[i]).profile_id != place.person[1]
    }
    before: dict[UUID, Member] = {i: known.members[i] for i in places}
    if leaving:
        for member in await identifiers.members_of(tx, leaving):
            before[member.identity_id] = member
            if member.identity_id in places or member.through not in places:
                continue
            person = places[member.through].person
            if person[1] != member.profile_id:
                places[member.identity_id] = Place(
                    member.identity_id, person, member.through, member.owner, _since(member)
                )
    for weak in plan.spans:
        member = known.members[weak]
        if not member.newborn and weak not in places:
            place = _place(weak, (member.profile_no, member.profile_id), plan)
            places[weak] = Place(weak, place.person, member.through, place.owner, place.since)
    for weak in places.keys() & known.weak.keys() - plan.spans.keys():
        member, place = known.members[weak], places[weak]
        places[weak] = Place(weak, place.person, place.through, member.owner, _since(member))
    if places:
        done.members |= await identifiers.put(tx, places.values())
    moved: dict[tuple[UUID, UUID], list[UUID]] = {}
    for identity, place in places.items():
        old = before[identity].profile_id if identity in before else place.person[1]
        if old != place.person[1]:
            moved.setdefault((old, place.person[1]), []).append(identity)
    return moved


def _place(identity: UUID, name: Name, plan: IdentityPlan) -> Place:
    spans = plan.spans.get(identity) or [Span(None, identity)]
    last = spans[-1]
    owned = last.start is not None
    return Place(
        identity,
        name,
        plan.through.get(identity),
        last.owner if owned else None,
        from_ms(last.start) if last.start is not None else None,
    )


def _since(member: Member) -> datetime | None:
    return from_ms(member.since) if member.owner else None


async def _save_edges(tx: Tx, loaded: Loaded, plan: IdentityPlan, news: News) -> None:
    rows = [(edge, False, plan.refused.get(pair)) for pair, edge in news.edges.items()]
    rows += [(edge, True, plan.refused.get(pair)) for pair, edge in news.weak_edges.items()]
    fresh = news.edges.keys() | news.weak_edges.keys()
    planned = loaded.known.edges.keys() | loaded.known.weak_edges.keys()
    for pair, (edge, weak, refusal) in loaded.stored.items():
        if pair in planned and pair not in fresh and plan.refused.get(pair) != refusal:
            rows.append((edge, weak, plan.refused.get(pair)))
    await graph.save_edges(tx, rows)


def _moving(loaded: Loaded, plan: IdentityPlan, since: Mapping[UUID, int]) -> list[Moving]:
    """Events that name nothing stronger go with whoever had the weak identifier at the time."""
    found = []
    for weak, after in plan.spans.items():
        before = loaded.known.spans.get(weak, [])
        if loaded.known.members[weak].newborn:
            continue
        changes = {s.start or 0 for s in (*before, *after)}
        starts = [since[weak], *sorted(at for at in changes if at > since[weak])]
        ends = [*map(from_ms, starts[1:]), _NEVER]
        for start, end in zip(starts, ends, strict=True):
            old, new = _leaf(weak, before, start), _leaf(weak, after, start)
            if old != new:
                found.append(Moving(weak, from_ms(start), end, old, new))
    return found


def _leaf(weak: UUID, spans: Sequence[Span], at: int) -> UUID:
    """Where what happens then is kept."""
    n = bisect_right(spans, at, key=lambda span: span.start or 0)
    return spans[n - 1].owner if n else weak


async def _record(
    tx: Tx,
    plan: IdentityPlan,
    done: Applied,
    moved: Mapping[tuple[UUID, UUID], Sequence[UUID]],
    now: datetime,
    rule: str,
    evidence: dict[str, Any],
) -> None:
    for merge in plan.merges:
        identities = [i for loser in merge.loser_ids for i in moved.get((loser, merge.winner_id), ())]
        done.merges.append((new_id(), merge, [done.members[i] for i in identities]))
    for split in plan.splits:
        identities = list(moved.get((split.from_id, split.to_id), ()))
        done.splits.append((new_id(), split, [done.members[i] for i in identities]))
    if done.merges:
        images = [
            {str(loser): [str(i) for i in moved.get((loser, m.winner_id), ())] for loser in m.loser_ids}
            for _, m, _ in done.merges
        ]
        rows = [(i, m, rule, image) for (i, m, _), image in zip(done.merges, images, strict=True)]
        await identifiers.insert_merges(tx, rows, now)
    if done.splits:
        await identifiers.insert_splits(tx, [(i, s, rule, evidence) for i, s, _ in done.splits], now)
