"""The laws of who is one person, on a real database: any order and any batching of the same facts give the same people,
replay changes nothing, and both are what the plain way comes to."""

import random
from collections import Counter
from typing import Any

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.ids import new_id

from tests.conftest import Databases
from tests.integration.profile.harness import START_MS, Profile, call
from tests.reference import Reference, Said

ROUNDS = 10
KINDS = ("user_id", "member_id", "crm_id", "wechat_unionid", "device_id", "anonymous_id")


def history(seed: int) -> list[Said]:
    """Few values, so that people meet, clash and share devices."""
    chooser = random.Random(seed)
    values = chooser.choice((3, 5, 9))
    weak = chooser.choice((0.2, 0.7))
    nobody = chooser.choice((0, 0.5))
    found = []
    for n in range(chooser.choice((12, 30, 45))):
        strong = 0 if chooser.random() < nobody else chooser.choice((0, 1, 1, 2))
        kinds = chooser.sample(KINDS[:4], strong) + (
            chooser.sample(KINDS[4:], chooser.choice((1, 1, 2))) if chooser.random() < weak else []
        )
        names = tuple(f"{kind}:v{chooser.randrange(values)}" for kind in kinds or ["user_id"])
        found.append(Said(f"m{n:03}", START_MS + chooser.randrange(240) * 5_000, names))
    return found


def record(said: Said) -> bytes:
    return call(said.message, *said.names, name="Seen", ms=said.at, claims=claims_of(said))


def claims_of(said: Said) -> tuple[str, ...]:
    """Now and then a record names something more that is not verified, which others may have verified."""
    chooser = random.Random(f"{said.message}{said.at}")
    kinds = chooser.choice(((), (), ("user_id",), ("crm_id", "device_id")))
    return tuple(f"{kind}:v{chooser.randrange(4)}" for kind in kinds)


async def claims(profile: Profile) -> list[tuple[str, str, Any, Any]]:
    async with profile.database.transaction(profile.workspace_id) as tx:
        rows = await tx.fetch(
            "SELECT i.type || ':' || convert_from(i.value_key, 'UTF8') AS who, c.type || ':' || c.value AS name, "
            "first_time, last_time FROM identifier_claims c JOIN identifiers i USING (workspace_id, identity_id) "
            "ORDER BY 1, 2"
        )
    return [tuple(row) for row in rows]


async def owners(profile: Profile) -> dict[str, frozenset[str]]:
    """Message id → the person whose event it is, as the names that are theirs."""
    people = {name: person for person in await profile.partition() for name in person}
    async with profile.database.transaction(profile.workspace_id) as tx:
        rows = await tx.fetch(
            "SELECT e.message_id, min(i.type || ':' || convert_from(i.value_key, 'UTF8')) AS name FROM events e "
            "JOIN memberships m USING (workspace_id, identity_id) JOIN memberships o USING (workspace_id, profile_id) "
            "JOIN identifiers i ON i.workspace_id = o.workspace_id AND i.identity_id = o.identity_id GROUP BY 1"
        )
    return {r["message_id"]: people[r["name"]] for r in rows}


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_any_order_and_batching_come_to_what_the_plain_way_does(
    databases: Databases, ciphers: Ciphers, clock: ManualClock, seed: int
) -> None:
    facts = history(seed)
    expected = Reference(said={s.message: s for s in facts})
    people, doers = expected.people(), expected.doers()
    database = await databases("profile")
    chooser = random.Random(seed)
    claimed: list[Any] = []
    for size in (len(facts), chooser.choice((1, 2, 3)), 7):
        profile = Profile(database, ciphers, clock, new_id())
        order = chooser.sample(facts, len(facts))
        for start in range(0, len(order), size):
            await profile.take(*(record(s) for s in order[start : start + size]))
        assert await profile.partition() == people
        found = await owners(profile)
        assert found == doers
        claimed.append(await claims(profile))
        assert await profile.take(*map(record, facts)) == []
        await _check_names(profile)
    assert claimed[0] == claimed[1] == claimed[2]
    proven = {name for person in people for name in person}
    SEEN["claimed, and proven elsewhere"] += any(name in proven for _, name, *_ in claimed[0])
    _count(expected)


async def _check_names(profile: Profile) -> None:
    """A person is named by their lowest number, everywhere alike."""
    async with profile.database.transaction(profile.workspace_id) as tx:
        torn = await tx.fetch(
            "SELECT m.profile_id FROM memberships m JOIN identities i USING (workspace_id, identity_id) GROUP BY 1 "
            "HAVING min(i.identity_no) <> min(m.profile_no) OR min(m.profile_no) <> max(m.profile_no)"
        )
    assert not torn


SEEN: Counter[str] = Counter()


def _count(expected: Reference) -> None:
    weak = {n for s in expected.said.values() for n in s.names if expected.is_weak(n)}
    SEEN["histories"] += 1
    SEEN["shared device"] += any(len(expected.owners(n)) > 1 for n in weak)
    SEEN["unowned visitor of two"] += any(
        len(p) > 1 and all(map(expected.is_weak, p)) for p in expected.people()
    )
    loose = Reference(said=expected.said, unique=frozenset(), most={}, suspect=10**6, cap=10**6)
    SEEN["guarded"] += loose.people() != expected.people()
    SEEN["merged"] += any(sum(not expected.is_weak(n) for n in p) > 2 for p in expected.people())


def test_the_interesting_branches_were_reached() -> None:
    print(dict(SEEN))
    assert SEEN["shared device"] >= ROUNDS // 4
    assert SEEN["guarded"] >= ROUNDS // 4
    assert SEEN["merged"] >= ROUNDS // 4
    assert SEEN["claimed, and proven elsewhere"] >= ROUNDS // 4
    assert SEEN["unowned visitor of two"] > 0
