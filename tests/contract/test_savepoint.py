"""What a savepoint promises, held by the database's transaction and by the list that stands for one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from chassis.database import Database

from tests.unit.chassis.test_handling import FakeTx


class Rows:
    """A transaction with a table of one column."""

    def __init__(self, tx: Any) -> None:
        self.tx = tx

    async def add(self, row: bytes) -> None:
        self.tx.rows.append(row)

    async def all(self) -> list[bytes]:
        return list(self.tx.rows)


class RealRows(Rows):
    async def add(self, row: bytes) -> None:
        await self.tx.execute("INSERT INTO made (row) VALUES ($1)", row)

    async def all(self) -> list[bytes]:
        return [found["row"] for found in await self.tx.fetch("SELECT row FROM made ORDER BY n")]


Open = Callable[[], Any]


@pytest.fixture(params=["double", "real"])
def opened(
    request: pytest.FixtureRequest, databases: Callable[[str], Awaitable[Database]], workspace_id: UUID
) -> Open:
    @asynccontextmanager
    async def real() -> AsyncIterator[Rows]:
        database = await databases("journey")
        async with database.transaction(workspace_id) as tx:
            await tx.execute("CREATE TEMPORARY TABLE made (n serial, row bytea) ON COMMIT DROP")
            yield RealRows(tx)

    @asynccontextmanager
    async def double() -> AsyncIterator[Rows]:
        yield Rows(FakeTx())

    return real if request.param == "real" else double


async def fails(rows: Rows, row: bytes) -> None:
    """Adds the row in a savepoint within a savepoint, the outer of which fails."""
    async with rows.tx.savepoint():
        async with rows.tx.savepoint():
            await rows.add(row)
        assert row in await rows.all()
        raise KeyError(row)


async def test_what_fails_inside_is_undone_and_raised_and_what_was_there_stays(opened: Open) -> None:
    async with opened() as rows:
        await rows.add(b"before")
        async with rows.tx.savepoint():
            await rows.add(b"kept")
            with pytest.raises(KeyError):
                await fails(rows, b"undone")
            await rows.add(b"after")
        with pytest.raises(KeyError):
            await fails(rows, b"undone too")
        assert await rows.all() == [b"before", b"kept", b"after"]
