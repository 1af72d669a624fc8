"""settle() on the engine: equal to the pure map, and to itself under concurrency."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from itertools import pairwise
from uuid import UUID

import pytest
from chassis.database import Database, Tx
from chassis.ids import new_id
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from people import Membership, Moved, load, members, newest, plan_changes, resolve, settle

from tests.integration.chassis.harness import until

Databases = Callable[[str], Awaitable[Database]]
PLACEHOLDER = -1
"""The version of a row that only names a person nobody has told about yet."""


def identity(n: int) -> UUID:
    return UUID(int=n)


def heard(identity_no: int, person_no: int, version: int) -> Membership:
    return Membership(identity(identity_no), identity(person_no), person_no, version)


async def stored(database: Database, workspace_id: UUID) -> dict[UUID, Membership]:
    async with database.transaction(workspace_id) as tx:
        rows = await tx.fetch("SELECT * FROM people WHERE version > $1", PLACEHOLDER)
    return {
        r["identity_id"]: Membership(r["identity_id"], r["profile_id"], r["profile_no"], r["version"])
        for r in rows
    }


@pytest.fixture(scope="module")
async def database(templates: object) -> object:
    one = Database(await templates.copy("segment"), pool_size=8)  # type: ignore[attr-defined]
    await one.start()
    yield one
    await one.stop()


@st.composite
def batches(draw: st.DrawFn) -> list[list[Membership]]:
    versions = draw(st.permutations(range(draw(st.integers(0, 10)))))
    facts = [heard(draw(st.integers(1, 5)), draw(st.integers(1, 4)), version) for version in versions]
    cuts = sorted(draw(st.lists(st.integers(0, len(facts)), max_size=3)))
    edges = [0, *cuts, len(facts)]
    return [facts[a:b] for a, b in pairwise(edges)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=batches())
async def test_settle_equals_the_pure_map(database: Database, case: list[list[Membership]]) -> None:
    workspace_id = new_id()
    known: dict[UUID, Membership] = {}
    for batch in case:
        before = {**known}
        today, moved = await database.run(workspace_id, lambda tx, batch=batch: settle(tx, batch))
        fresh, _ = plan_changes(known, newest(batch))
        known |= fresh
        assert today == {i: known[i] for i in newest(batch)}
        for move in moved:
            # A placeholder was known under its own name.
            old = before.get(move.identity_id)
            assert move.from_profile_id == (old.profile_id if old else move.identity_id)
            assert move.to == known[move.identity_id]
        expected = {i for i in fresh if i in before and before[i].profile_id != fresh[i].profile_id}
        assert expected <= {m.identity_id for m in moved}
        event("somebody moved" if moved else "nobody moved")
    assert await stored(database, workspace_id) == known


async def test_load_resolve_and_members_agree(database: Database, workspace_id: UUID) -> None:
    facts = [heard(1, 1, 1), heard(2, 1, 2), heard(3, 3, 3), heard(4, 3, 4)]
    await database.run(workspace_id, lambda tx: settle(tx, facts))
    # Person 3 merges into person 1.
    await database.run(workspace_id, lambda tx: settle(tx, [heard(3, 1, 5), heard(4, 1, 6)]))
    async with database.transaction(workspace_id) as tx:
        assert {m.identity_id for m in (await members(tx, [identity(1)]))[identity(1)]} == {
            identity(n) for n in (1, 2, 3, 4)
        }
        assert await members(tx, [identity(3)]) == {}
        assert (await resolve(tx, [identity(3)]))[identity(3)].profile_id == identity(1)
        assert await load(tx, []) == {}
        assert set(await load(tx, [identity(1), identity(9)])) == {identity(1)}
    async with database.transaction(new_id()) as tx:
        assert await load(tx, [identity(1)]) == {}


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 1)], ids=["older first", "newer first"])
async def test_an_identity_new_to_two_transactions_is_not_taken_for_new_by_both(
    database: Database, workspace_id: UUID, first: int, second: int
) -> None:
    """Identity 9 joins person 1 (version 1) and person 2 (version 2); no person is common to the two."""
    stored_first, go = asyncio.Event(), asyncio.Event()

    async def lead(tx: Tx) -> None:
        await settle(tx, [heard(9, first, first)])
        stored_first.set()
        await go.wait()

    leading = asyncio.create_task(database.run(workspace_id, lead))
    await stored_first.wait()
    following = asyncio.create_task(
        database.run(workspace_id, lambda tx: settle(tx, [heard(9, second, second)]))
    )

    async def waits() -> bool:
        async with database.connection() as connection:
            return bool(await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))

    await until(waits, 2)
    go.set()
    await leading
    today, moved = await following
    assert today == {identity(9): heard(9, 2, 2)}
    assert moved == ([Moved(identity(9), identity(1), heard(9, 2, 2))] if second == 2 else [])
    assert await stored(database, workspace_id) == today


async def test_concurrent_settles_lose_no_update_and_let_no_deadlock_out(
    database: Database, workspace_id: UUID
) -> None:
    """Eight at a time over few people, so that they meet all the time."""
    order = random.Random(20261101)
    facts = [heard(order.randrange(1, 13), order.randrange(1, 6), version) for version in range(200)]
    order.shuffle(facts)
    pieces = [facts[n : n + 8] for n in range(0, len(facts), 8)]
    moves: list[Moved] = []

    async def worker() -> None:
        while pieces:
            piece = pieces.pop()
            today, moved = await database.run(workspace_id, lambda tx, piece=piece: settle(tx, piece))
            moves.extend(moved)
            assert all(today[m.identity_id].version >= m.version for m in piece)

    await asyncio.gather(*(worker() for _ in range(8)))
    assert await stored(database, workspace_id) == newest(facts)
    # Every move was told, once: they lead, one after the other, from the first person to today's.
    for identity_id, today in newest(facts).items():
        chain = sorted((m for m in moves if m.identity_id == identity_id), key=lambda m: m.to.version)
        assert [m.to.profile_id for m in chain[:-1]] == [m.from_profile_id for m in chain[1:]]
        assert not chain or chain[-1].to.profile_id == today.profile_id
