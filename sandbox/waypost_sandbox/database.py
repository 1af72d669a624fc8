"""One SQLite file: a thread that writes, with group commit, and a thread that reads."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]

# Bounds how long one transaction holds the writer, and so the answer to its first request.
LARGEST_GROUP = 1_000


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection


class Database:
    def __init__(self, path: Path, schema: str, on_rollback: Callable[[], None]) -> None:
        self._writing = connect(path)
        self._writing.executescript(schema)
        self._reading = connect(path)
        self._on_rollback = on_rollback
        self._writer = ThreadPoolExecutor(1, "sandbox-write")
        self._reader = ThreadPoolExecutor(1, "sandbox-read")
        self._waiting: list[tuple[Operation[Any], asyncio.Future[Any]]] = []
        self._draining: asyncio.Task[None] | None = None

    async def write(self, operation: Operation[T]) -> T:
        """Returns when the operation is on disk, committed with all that waited alongside it."""
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((operation, done))
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        return await done

    async def read(self, operation: Operation[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._reader, operation, self._reading)

    async def close(self) -> None:
        if self._draining is not None:
            await self._draining
        for thread in (self._writer, self._reader):
            await asyncio.to_thread(thread.shutdown)
        self._reading.close()
        self._writing.close()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting[:LARGEST_GROUP], self._waiting[LARGEST_GROUP:]
            commit = loop.run_in_executor(self._writer, self._commit, [operation for operation, _ in group])
            await asyncio.wait([commit])
            error = commit.exception()
            results = [None] * len(group) if error else commit.result()
            for (_, done), result in zip(group, results, strict=True):
                if done.done():  # its caller went away
                    continue
                if error:
                    done.set_exception(error)
                else:
                    done.set_result(result)

    def _commit(self, operations: list[Operation[Any]]) -> list[Any]:
        self._writing.execute("BEGIN IMMEDIATE")
        try:
            results = [operation(self._writing) for operation in operations]
            self._writing.execute("COMMIT")
        except BaseException:
            if self._writing.in_transaction:
                self._writing.execute("ROLLBACK")
            self._on_rollback()
            raise
        return results
