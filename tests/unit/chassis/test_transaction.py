"""Cancelled at the worst moment, a transaction leaves no connection behind that is still inside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from chassis.database import Database, Tx
from chassis.errors import DatabaseUnavailable


class Connection:
    """Does each statement at once, and is slow to say so for the ones named."""

    def __init__(self, *slow: str) -> None:
        self.slow = slow
        self.said: list[str] = []
        self.terminated = False
        self.reached = asyncio.Event()
        self.fetch = self.fetchrow = self.fetchval = self.executemany = self.copy_from_query = self.execute

    async def execute(self, statement: str) -> str:
        word = statement.split(";")[0]
        self.said.append(word)
        if word in self.slow:
            self.reached.set()
            await asyncio.Event().wait()
        return word

    def is_closed(self) -> bool:
        return self.terminated

    def terminate(self) -> None:
        self.terminated = True


class Pool:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @asynccontextmanager
    async def acquire(self, timeout: float) -> AsyncIterator[Connection]:
        yield self.connection


async def cancelled(connection: Connection) -> None:
    database: Any = Database("", 1)
    database._pool = Pool(connection)

    async def work(tx: Tx) -> None:
        await tx.execute("WORK")

    task = asyncio.create_task(database.run(UUID(int=1), work))
    await asyncio.wait_for(connection.reached.wait(), 10)
    task.cancel()
    if "ROLLBACK" in connection.slow:
        while "ROLLBACK" not in connection.said:  # noqa: ASYNC110
            await asyncio.sleep(0)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("at", ["BEGIN", "WORK", "COMMIT"])
async def test_a_cancelled_transaction_is_rolled_back(at: str) -> None:
    connection = Connection(at)
    await cancelled(connection)
    assert connection.said[-2:] == [at, "ROLLBACK"]
    assert not connection.terminated


@pytest.mark.parametrize("at", ["BEGIN", "WORK", "COMMIT"])
async def test_a_cancelled_rollback_ends_the_connection(at: str) -> None:
    connection = Connection(at, "ROLLBACK")
    await cancelled(connection)
    assert connection.terminated


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        asyncpg.ConnectionDoesNotExistError("closed"),
        asyncpg.exceptions.IdleInTransactionSessionTimeoutError("too long"),
        asyncpg.CannotConnectNowError("starting up"),
        ConnectionResetError(),
    ],
    ids=lambda e: type(e).__name__,
)
async def test_a_session_that_is_gone_is_an_unavailable_database(error: Exception) -> None:
    class Gone(Connection):
        async def execute(self, statement: str) -> str:
            if statement in ("WORK", "ROLLBACK"):
                raise error
            return await super().execute(statement)

    connection = Gone()
    database: Any = Database("", 1)
    database._pool = Pool(connection)
    with pytest.raises(DatabaseUnavailable):
        await database.run(UUID(int=1), lambda tx: tx.execute("WORK"))
    assert connection.terminated
