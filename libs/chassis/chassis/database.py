"""Transactions of one workspace, as the application role.

`begin; set local` travels as one trip; statements after it go through asyncpg's prepared-statement cache.
SQL is written as SQL, in `store/` modules, set-based (`unnest`), and every statement that touches a tenant
table runs inside `Database.transaction`, so that row-level security sees the workspace.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec
from asyncpg.protocol import protocol

from chassis import metrics
from chassis.errors import DatabaseUnavailable

Connection = asyncpg.pool.PoolConnectionProxy
T = TypeVar("T")

RETRYABLE = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
UNREACHABLE = (
    OSError,
    asyncpg.InterfaceError,
    # What the driver says, now and then, of a session that the server has ended meanwhile.
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.IdleInTransactionSessionTimeoutError,
    TimeoutError,
)
FAILURES = (DatabaseUnavailable, asyncpg.PostgresError)
"""What a transaction may end with that is no fault of its caller's: a loop logs it and comes back."""
IDLE_IN_TRANSACTION_MS = 10_000
"""A process that stands still keeps what it locked this long. More than the planning of the largest batch takes on a
machine that is busy with other things."""
# PostgreSQL plans a statement over arrays anew each time, which costs a small batch more than running it. A plan that
# is kept must not be one that was right while the table was small. A batch names each key once: remembering what was
# found costs a quarter of finding it, and is never asked for.
_KEYED = "; SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off; SET LOCAL enable_memoize = off"
# The driver asks of each element of an array whether it is an array too, and asks abstract classes, which takes longer
# than writing the element down. Arrays are of these types here, and what is none of them is refused as no array.
vars(protocol).update(IterableABC=(list, tuple, set, frozenset))


class Tx:
    """An open transaction of one workspace."""

    __slots__ = (
        "_connection",
        "copy",
        "execute",
        "executemany",
        "fetch",
        "fetchrow",
        "fetchval",
        "opened_with",
        "riders",
        "workspace_id",
    )

    def __init__(self, connection: Any, workspace_id: UUID, opened_with: str = "") -> None:
        self._connection = connection
        self.workspace_id = workspace_id
        self.opened_with = opened_with
        """PostgreSQL's word on the last of the opening statements, such as `INSERT 0 1`."""
        self.riders: list[str] = []
        """Statements without parameters that travel with COMMIT, and cost no trip of their own."""
        self.fetch: Callable[..., Awaitable[list[Any]]] = connection.fetch
        self.fetchrow: Callable[..., Awaitable[Any]] = connection.fetchrow
        self.fetchval: Callable[..., Awaitable[Any]] = connection.fetchval
        self.execute: Callable[..., Awaitable[str]] = connection.execute
        self.executemany: Callable[..., Awaitable[None]] = connection.executemany
        self.copy: Callable[..., Awaitable[str]] = connection.copy_from_query
        """Streams what a query finds: (query, *arguments, output=…, format=…)."""

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        await self.execute("SAVEPOINT part")
        riders = len(self.riders)
        try:
            yield
        except BaseException:
            del self.riders[riders:]
            # Released too: it would otherwise hide an outer savepoint, whose rollback would then stop here.
            await self.execute("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part")
            raise
        await self.execute("RELEASE SAVEPOINT part")


class Database:
    def __init__(self, url: str, pool_size: int) -> None:
        self._url = url
        self._size = pool_size
        self._pool: asyncpg.Pool | None = None

    async def start(self) -> None:
        """Makes the pool without connecting: a service starts, not ready, while its database is away."""
        self._pool = asyncpg.create_pool(
            self._url,
            init_size=0,
            min_size=0,
            max_size=self._size,
            max_queries=10_000_000,
            reset=_no_reset,
            init=_register_codecs,
            timeout=5,
            server_settings={
                "application_name": "waypost",
                "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MS),
                "jit": "off",
            },
        )
        await self._pool

    async def stop(self) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                await asyncio.wait_for(pool.close(), 5)
            except (TimeoutError, *UNREACHABLE):
                pool.terminate()

    @property
    def size(self) -> int:
        """Connections there may be."""
        return self._size

    @property
    def in_use(self) -> int:
        """Connections that somebody has."""
        return self._pool.get_size() - self._pool.get_idle_size() if self._pool else 0

    async def ready(self) -> bool:
        try:
            async with self.connection() as connection:
                await connection.fetchval("SELECT 1", timeout=2)
        except (DatabaseUnavailable, asyncpg.PostgresError):
            return False
        return True

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """A connection outside any workspace: for system tables (outbox, cursors, timers, queues)."""
        if self._pool is None:
            raise DatabaseUnavailable("the service is stopping")
        opened = False
        try:
            async with self._pool.acquire(timeout=10) as connection:
                opened = True
                yield connection
        except (asyncpg.PostgresError, *UNREACHABLE) as error:
            # Whatever a server says that lets nobody in, it is not about what was to be done inside.
            if opened and not isinstance(error, UNREACHABLE):
                raise
            raise DatabaseUnavailable("the service cannot reach its database; try again") from error

    @asynccontextmanager
    async def transaction(
        self, workspace_id: UUID, *, keyed: bool = False, opening: str = ""
    ) -> AsyncIterator[Tx]:
        """One transaction of one workspace: commits when the block ends, rolls back when it raises.

        `keyed` says that every statement looks rows up by their keys, so that one plan serves for ever. `opening` is
        a statement without parameters that travels with BEGIN, and saves a trip.
        """
        begin = f"BEGIN; SET LOCAL app.workspace_id = '{UUID(str(workspace_id))}'{_KEYED if keyed else ''}"
        async with self.connection() as connection:
            try:
                opened_with = await connection.execute(f"{begin}; {opening}" if opening else begin)
                tx = Tx(connection, workspace_id, opened_with)
                yield tx
                ended = await connection.execute("; ".join((*tx.riders, "COMMIT")))
            except BaseException:
                await _roll_back(connection)
                raise
            if ended != "COMMIT":
                # PostgreSQL answers a COMMIT after a failed statement with a quiet ROLLBACK.
                raise RuntimeError("the transaction had failed before its end, and was rolled back")

    async def run(
        self,
        workspace_id: UUID,
        work: Callable[[Tx], Awaitable[T]],
        attempts: int = 8,
        *,
        keyed: bool = False,
        opening: str = "",
    ) -> T:
        """Runs `work` in a transaction; after a deadlock or serialization failure runs the whole of it again."""
        for attempt in range(attempts):
            try:
                async with self.transaction(workspace_id, keyed=keyed, opening=opening) as tx:
                    return await work(tx)
            except RETRYABLE:
                if attempt == attempts - 1:
                    raise
                metrics.TRANSACTIONS_REPEATED.inc()
                await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))
        raise AssertionError("unreachable")


def columns(rows: Sequence[Sequence[Any]], width: int) -> Iterable[Sequence[Any]]:
    """Rows, each of `width` values, turned into the arrays that `unnest` takes."""
    return zip(*rows, strict=True) if rows else ((),) * width


async def _roll_back(connection: Any) -> None:
    try:
        # The pool takes back at once a connection that breaks: asking even whether it is closed fails then.
        if not connection.is_closed():
            await connection.execute("ROLLBACK")
    except (asyncpg.PostgresError, *UNREACHABLE):
        connection.terminate()
    except BaseException:
        # Cancelled half-way: nobody may be handed a connection that is still inside a transaction.
        connection.terminate()
        raise


async def _no_reset(_connection: Any) -> None:
    """Every setting of ours is SET LOCAL, so there is nothing to reset and a round trip to save."""


async def _register_codecs(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb", encoder=_encode_json, decoder=msgspec.json.decode, schema="pg_catalog", format="text"
    )


def _encode_json(value: object) -> str:
    return msgspec.json.encode(value).decode()
