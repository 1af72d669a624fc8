"""Merging, splitting, setting aside and undoing by hand, between batches of facts: people are what the plain way comes to
by the same facts and the decisions in force."""

import random
from collections import Counter
from uuid import UUID

import pytest
from chassis.clock import ManualClock, to_ms
from chassis.crypto import Ciphers
from chassis.errors import StateConflict
from chassis.ids import new_id
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.usecases.decide_people import Actor, Decided, DecidePeople

from tests.conftest import Databases
from tests.integration.profile.harness import START_MS, Profile
from tests.integration.profile.test_people_laws import history, owners, record
from tests.reference import Reference, Said

ROUNDS = 6
SEEN: Counter[str] = Counter()
ME = Actor("operator", "because")
SETTINGS = IdentitySettings()


class Desk:
    """Somebody who decides, and the facts that came so far."""

    def __init__(self, profile: Profile, clock: ManualClock) -> None:
        self.profile = profile
        self.decide = DecidePeople(clock)
        self.said: dict[str, Said] = {}
        self.open: list[UUID] = []

    async def take(self, facts: list[Said]) -> None:
        self.said |= {s.message: s for s in facts}
        await self.profile.take(*map(record, facts))

    async def run(self, work: object) -> Decided:
        done: Decided = await self.profile.database.run(self.profile.workspace_id, work)  # type: ignore[arg-type]
        self.open.append(done.decision_id)
        return done

    async def people(self) -> dict[UUID, dict[UUID, str]]:
        """Person → identity → name."""
        async with self.profile.database.transaction(self.profile.workspace_id) as tx:
            rows = await tx.fetch(
                "SELECT m.profile_id, m.identity_id, i.type || ':' || convert_from(i.value_key, 'UTF8') AS name "
                "FROM memberships m JOIN identifiers i USING (workspace_id, identity_id) ORDER BY 3"
            )
        found: dict[UUID, dict[UUID, str]] = {}
        for row in rows:
            found.setdefault(row["profile_id"], {})[row["identity_id"]] = row["name"]
        return found

    async def merge(self, one: UUID, other: UUID) -> Decided:
        return await self.run(lambda tx: self.decide.merge(tx, SETTINGS, one, other, ME))

    async def split(self, person: UUID, off: set[UUID]) -> Decided:
        return await self.run(lambda tx: self.decide.split(tx, SETTINGS, person, off, ME))

    async def expected(self) -> Reference:
        names = {i: name for person in (await self.people()).values() for i, name in person.items()}
        found = Reference(said=dict(self.said))
        async with self.profile.database.transaction(self.profile.workspace_id) as tx:
            for row in await tx.fetch(
                "SELECT low_id, high_id, rule_id, ruled_at FROM edges WHERE rule_id IS NOT NULL"
            ):
                low, high = sorted((names[row["low_id"]], names[row["high_id"]]))
                found.by_hand[low, high] = (to_ms(row["ruled_at"]), str(row["rule_id"]))
            for row in await tx.fetch("SELECT identity_id, owner_id FROM logins WHERE rule_id IS NOT NULL"):
                given = (names[row["identity_id"]], names[row["owner_id"]])
                found.said[f"given {given}"] = Said(f"given {given}", 0, given)
            for row in await tx.fetch(
                "SELECT rule_id, array_agg(identity_id) FILTER (WHERE is_left) AS l, "
                "array_agg(identity_id) FILTER (WHERE NOT is_left) AS r FROM never_links GROUP BY 1"
            ):
                # Of a side that was erased nobody is left.
                sides = [frozenset(names[i] for i in row[side] or ()) for side in "lr"]
                found.never[str(row["rule_id"])] = (sides[0], sides[1])
            for row in await tx.fetch("SELECT identity_id, state FROM set_aside"):
                (found.released if row["state"] == "released" else found.aside).add(names[row["identity_id"]])
        return found


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_decisions_and_facts_in_any_turn_come_to_what_the_plain_way_does(
    databases: Databases, ciphers: Ciphers, clock: ManualClock, seed: int
) -> None:
    chooser = random.Random(seed)
    desk = Desk(Profile(await databases("profile"), ciphers, clock, new_id()), clock)
    facts = history(seed + 100)[:30]
    while facts:
        size = chooser.randint(1, 9)
        batch, facts = facts[:size], facts[size:]
        await desk.take(batch)
        await _decide(desk, chooser)
        expected = await desk.expected()
        assert await desk.profile.partition() == expected.people()
        events = {m for m in expected.said if not m.startswith("given")}
        doers = expected.doers()
        assert await owners(desk.profile) == {message: doers[message] for message in events}


async def _decide(desk: Desk, chooser: random.Random) -> None:
    people = await desk.people()
    kind = chooser.choice(("merge", "split", "aside", "undo", "nothing"))
    if kind == "merge" and len(people) > 1:
        one, other = chooser.sample(sorted(people), 2)
        await desk.merge(one, other)
        merged = [p for p in (await desk.people()).values() if people[one].keys() & p.keys()]
        assert len(merged) == 1
        assert merged[0].keys() >= people[one].keys() | people[other].keys()
    elif kind == "split" and (large := [p for p, some in people.items() if len(some) > 1]):
        person = chooser.choice(large)
        off = set(chooser.sample(sorted(people[person]), chooser.randint(1, len(people[person]) - 1)))
        await desk.split(person, off)
        now = list((await desk.people()).values())
        rest = people[person].keys() - off
        assert not any(p.keys() & off and p.keys() & rest for p in now)
        for side in (off, rest):
            # Devices that are somebody else's next, or changed hands, go nowhere together.
            proven = {i for i in side if SETTINGS.is_strong(people[person][i].partition(":")[0])}
            if proven == side or len(side) == 1:
                assert [p.keys() & side for p in now if p.keys() & side] == [side]
            assert sum(bool(p.keys() & proven) for p in now) <= 1
    elif kind == "aside" and people:
        identity = chooser.choice([i for some in people.values() for i in some])
        state = chooser.choice(("blocked", "released"))
        await desk.run(lambda tx: desk.decide.set_aside(tx, SETTINGS, identity, state, ME))
    elif kind == "undo" and desk.open:
        target = desk.open.pop(chooser.randrange(len(desk.open)))
        try:
            await desk.profile.database.run(
                desk.profile.workspace_id, lambda tx: desk.decide.undo(tx, SETTINGS, target, ME)
            )
        except StateConflict:
            kind = "undone before"
    SEEN[kind] += 1


async def test_merge_then_split_is_as_before(
    databases: Databases, ciphers: Ciphers, clock: ManualClock
) -> None:
    desk = Desk(Profile(await databases("profile"), ciphers, clock, new_id()), clock)
    await desk.take([
        Said("m1", START_MS, ("member_id:a", "crm_id:1", "anonymous_id:x")),
        Said("m2", START_MS + 1, ("crm_id:2", "user_id:b")),
    ])  # fmt: skip
    before = await desk.people()
    one, other = before
    merged = await desk.merge(one, other)
    ((_, merge, moved),) = merged.applied.merges
    assert {m.identity_id for m in moved} == before[merge.loser_ids[0]].keys()
    assert len(await desk.people()) == 1
    split = await desk.split(merge.winner_id, set(before[merge.loser_ids[0]]))
    assert await desk.people() == before
    ((_, announced, again),) = split.applied.splits
    assert (announced.from_id, announced.to_id) == (merge.winner_id, merge.loser_ids[0])
    assert {m.identity_id for m in again} == {m.identity_id for m in moved}
    # What names both from now on joins them no more.
    await desk.take([Said("m3", START_MS + 2, ("crm_id:1", "crm_id:2"))])
    assert await desk.people() == before


async def test_who_is_set_aside_has_no_device_and_gets_it_back(
    databases: Databases, ciphers: Ciphers, clock: ManualClock
) -> None:
    desk = Desk(Profile(await databases("profile"), ciphers, clock, new_id()), clock)
    await desk.take([Said("seen", START_MS, ("crm_id:desk", "device_id:till"))])
    together = frozenset({"crm_id:desk", "device_id:till"})
    assert await desk.profile.partition() == {together}
    # A desk that a dozen are named with in a minute is nobody's, and what it was seen with neither.
    await desk.take(
        [Said(f"m{n:02}", START_MS + n + 1, (f"member_id:m{n}", "crm_id:desk")) for n in range(12)]
    )
    apart = {
        frozenset({n}) for n in ("crm_id:desk", "device_id:till", *(f"member_id:m{n}" for n in range(12)))
    }
    assert await desk.profile.partition() == apart
    identity = (await desk.profile.keys(["crm_id:desk"]))["crm_id:desk"]

    async def decide(state: str) -> UUID:
        return (
            await desk.run(lambda tx: desk.decide.set_aside(tx, SETTINGS, identity, state, ME))
        ).decision_id

    await decide("released")
    people = await desk.profile.partition()
    assert any(together <= person for person in people)
    blocked = await decide("blocked")
    assert await desk.profile.partition() == apart
    await desk.profile.database.run(
        desk.profile.workspace_id, lambda tx: desk.decide.undo(tx, SETTINGS, blocked, ME)
    )
    # The facts bring it under suspicion again: whoever blocked it took back that it was released.
    assert await desk.profile.partition() == apart
    await decide("released")
    assert any(together <= person for person in await desk.profile.partition())


async def test_who_is_set_aside_stays_with_whom_somebody_put_them(
    databases: Databases, ciphers: Ciphers, clock: ManualClock
) -> None:
    desk = Desk(Profile(await databases("profile"), ciphers, clock, new_id()), clock)
    await desk.take([
        Said("m1", START_MS, ("crm_id:2",)),
        Said("m2", START_MS + 1, ("member_id:a", "crm_id:1")),
    ])  # fmt: skip
    identities = await desk.profile.keys(["member_id:a", "crm_id:2"])
    aside, friend = identities["member_id:a"], identities["crm_id:2"]
    await desk.run(lambda tx: desk.decide.set_aside(tx, SETTINGS, aside, "blocked", ME))
    await desk.merge(aside, friend)
    together = frozenset({"member_id:a", "crm_id:2"})
    assert await desk.profile.partition() == {together, frozenset({"crm_id:1"})}
    # News of somebody whose link with them is refused look at them from that side.
    await desk.take([Said("m3", START_MS + 2, ("crm_id:1", "crm_id:3"))])
    assert await desk.profile.partition() == {together, frozenset({"crm_id:1", "crm_id:3"})}


def test_the_interesting_branches_were_reached() -> None:
    print(dict(SEEN))
    for kind in ("merge", "split", "aside", "undo"):
        assert SEEN[kind] >= ROUNDS // 2, kind
