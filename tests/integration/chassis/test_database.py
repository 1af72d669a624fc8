"""Transactions and tenancy on the real engine."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest
from chassis.database import Database, Tx
from chassis.errors import DatabaseUnavailable
from chassis.ids import new_id
from waypost_dev.ports import pick_free
from waypost_dev.postgres import Postgres

from tests.integration.chassis.harness import until

Databases = Callable[[str], Awaitable[Database]]


@pytest.fixture(scope="module")
async def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Postgres]:
    """One that may be killed."""
    home = tmp_path_factory.mktemp("own")
    server = Postgres(home / "data", pick_free(), home / "log")
    await server.start()
    yield server
    await server.stop("immediate")
    server.erase()


async def put(tx: Tx, reason: str, count: int = 1) -> None:
    await tx.execute(
        "INSERT INTO entry_refusals (workspace_id, journey_id, reason, count) VALUES ($1, 'j', $2, $3)",
        tx.workspace_id,
        reason,
        count,
    )


async def reasons(database: Database, workspace_id: UUID) -> set[str]:
    async with database.transaction(workspace_id) as tx:
        return {r["reason"] for r in await tx.fetch("SELECT reason FROM entry_refusals")}


async def test_without_a_workspace_nothing_is_seen_and_nothing_can_be_written(
    databases: Databases, workspace_id: UUID
) -> None:
    database, other = await databases("journey"), new_id()
    await database.run(workspace_id, lambda tx: put(tx, "mine"))
    assert await reasons(database, workspace_id) == {"mine"}
    assert await reasons(database, other) == set()
    async with database.connection() as connection:
        assert await connection.fetch("SELECT * FROM entry_refusals") == []
        assert await connection.execute("DELETE FROM entry_refusals") == "DELETE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await put(Tx(connection, workspace_id), "unset")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("ALTER TABLE entry_refusals DISABLE ROW LEVEL SECURITY")

    async def for_another(tx: Tx) -> None:
        await put(Tx(tx._connection, other), "foreign")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await database.run(workspace_id, for_another)
    assert await reasons(database, other) == set()


async def test_run_repeats_the_whole_work_after_a_real_deadlock(
    databases: Databases, workspace_id: UUID
) -> None:
    database = await databases("journey")
    await database.run(workspace_id, lambda tx: put(tx, "a", 0))
    await database.run(workspace_id, lambda tx: put(tx, "b", 0))
    both_hold_one = asyncio.Barrier(2)
    tries = 0

    async def add(first: str, second: str) -> None:
        met = False

        async def work(tx: Tx) -> None:
            nonlocal met, tries
            tries += 1
            for reason in (first, second):
                await tx.execute("UPDATE entry_refusals SET count = count + 1 WHERE reason = $1", reason)
                if not met:
                    met = True
                    await both_hold_one.wait()

        await database.run(workspace_id, work)

    await asyncio.gather(add("a", "b"), add("b", "a"))
    assert tries == 3
    async with database.transaction(workspace_id) as tx:
        rows = await tx.fetch("SELECT reason, count FROM entry_refusals ORDER BY reason")
    assert [tuple(r) for r in rows] == [("a", 2), ("b", 2)]


async def test_run_gives_up_after_its_attempts_and_leaves_nothing(
    databases: Databases, workspace_id: UUID
) -> None:
    database, tries = await databases("journey"), 0

    async def work(tx: Tx) -> None:
        nonlocal tries
        tries += 1
        await put(tx, f"try{tries}")
        raise asyncpg.SerializationError("made up")

    with pytest.raises(asyncpg.SerializationError):
        await database.run(workspace_id, work, attempts=3)
    assert tries == 3
    assert await reasons(database, workspace_id) == set()


async def test_a_failed_inner_savepoint_does_not_shield_the_work_before_it(
    databases: Databases, workspace_id: UUID
) -> None:
    database = await databases("journey")
    async with database.transaction(workspace_id) as tx:
        await put(tx, "before")
        with pytest.raises(KeyError):  # noqa: PT012
            async with tx.savepoint():
                await put(tx, "outer")
                with pytest.raises(ValueError):  # noqa: PT012
                    async with tx.savepoint():
                        await put(tx, "inner")
                        raise ValueError
                await put(tx, "outer again")
                raise KeyError
        async with tx.savepoint():
            await put(tx, "after")
    assert await reasons(database, workspace_id) == {"before", "after"}


async def test_a_swallowed_error_is_not_a_commit(databases: Databases, workspace_id: UUID) -> None:
    database = await databases("journey")
    with pytest.raises(RuntimeError):  # noqa: PT012
        async with database.transaction(workspace_id) as tx:
            await put(tx, "a")
            with pytest.raises(asyncpg.UniqueViolationError):
                await put(tx, "a")
    assert await reasons(database, workspace_id) == set()


async def test_whenever_it_is_cancelled_no_connection_is_left_inside_a_transaction(
    databases: Databases, workspace_id: UUID
) -> None:
    """Cancelled after every possible number of steps of the loop, so at BEGIN, in the work, at COMMIT."""
    database = await databases("journey")
    await database.run(workspace_id, lambda tx: put(tx, "first"))
    landed = 0
    for steps in range(40):
        task = asyncio.create_task(database.run(workspace_id, lambda tx: put(tx, f"s{steps}")))  # noqa: B023
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        landed += (await asyncio.gather(task, return_exceptions=True))[0] is None
        async with database.connection() as connection:
            assert not connection.is_in_transaction(), steps
            assert await connection.fetchval("SELECT current_setting('app.workspace_id', true)") in (None, "")
    assert landed < 40


async def test_a_transaction_left_alone_is_ended_by_the_server(
    databases: Databases, workspace_id: UUID
) -> None:
    database = await databases("journey")

    async def gone(pid: int) -> bool:
        async with database.connection() as connection:
            return not await connection.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", pid)

    with pytest.raises(DatabaseUnavailable):  # noqa: PT012
        async with database.transaction(workspace_id) as tx:
            await put(tx, "forgotten")
            assert await tx.fetchval("SHOW idle_in_transaction_session_timeout") == "10s"
            await tx.execute("SET LOCAL idle_in_transaction_session_timeout = 500")
            pid = await tx.fetchval("SELECT pg_backend_pid()")
            await until(lambda: gone(pid), 6)
            await put(tx, "too late")
    assert await reasons(database, workspace_id) == set()


async def test_a_killed_database_is_unavailable_and_comes_back(
    own_postgres: Postgres, workspace_id: UUID
) -> None:
    database = Database(own_postgres.admin_url, pool_size=2)
    await database.start()
    try:
        assert await database.ready()
        with pytest.raises(DatabaseUnavailable):  # noqa: PT012
            async with database.transaction(workspace_id) as tx:
                await tx.fetchval("SELECT 1")
                own_postgres.kill()
                await tx.fetchval("SELECT 1")
        assert not await database.ready()
        with pytest.raises(DatabaseUnavailable):
            await database.run(workspace_id, lambda tx: tx.fetchval("SELECT 1"))
        await own_postgres.start()
        await until(database.ready)
        assert await database.run(workspace_id, lambda tx: tx.fetchval("SELECT 7")) == 7
    finally:
        await database.stop()


async def test_a_database_that_refuses_us_is_not_ready_and_no_crash(own_postgres: Postgres) -> None:
    database = Database(f"postgresql://nobody:x@127.0.0.1:{own_postgres.port}/postgres", pool_size=1)
    await database.start()
    assert not await database.ready()
    await database.stop()
    with pytest.raises(DatabaseUnavailable):
        async with database.connection():
            pass
