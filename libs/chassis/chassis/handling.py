"""What a stream's use case is, and how a batch that fails on its data is halved until the faulty records stand alone.

Only data errors are set aside: a record that can never be handled, whoever tries. Whatever may be better next time
(connections, locks, time, memory) is raised again, and the batch waits.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from uuid import UUID

import asyncpg
import grpc
from google.protobuf.message import DecodeError

from chassis import logs
from chassis.bus import BROKER_ERRORS, Source
from chassis.database import Tx
from chassis.errors import DataError, ServiceError
from chassis.outbox import Outgoing, check_sizes

DATA_ERRORS = (
    DataError,
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,  # a value too long for an index, JSON too deep: no waiting makes it fit
    DecodeError,
)
WAITED_OUT = (
    ServiceError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    grpc.RpcError,
    MemoryError,
    *BROKER_ERRORS,
)
MAX_DETAIL = 500
"""Characters of a dead letter's detail."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one workspace, as they came."""

    workspace_id: UUID
    source: Source
    records: Sequence[bytes]


class Handler(Protocol):
    """The use case behind a stream. `prepare` fetches remote facts with no transaction open; `apply` loads, plans
    and applies inside the batch's transaction and returns what to publish. Both must be functions of their arguments
    and the database: after a bisection they run again on a part of the batch."""

    async def prepare(self, batch: Batch) -> Any: ...

    async def apply(self, tx: Tx, batch: Batch, prepared: Any) -> list[Outgoing]: ...


@dataclass(frozen=True, slots=True)
class Dead:
    """A record set aside, and why."""

    record: bytes
    reason: str
    detail: str

    @classmethod
    def of(cls, record: bytes, error: BaseException) -> "Dead":
        if not isinstance(error, DataError):
            return cls(record, type(error).__name__, "")
        # Text that PostgreSQL cannot store must not keep the letter, and with it the batch, from being written.
        storable = error.detail.replace("\0", "").encode("utf-8", "replace").decode()
        return cls(record, error.reason, storable[:MAX_DETAIL])


@dataclass(frozen=True, slots=True)
class Part:
    """Some records of a batch with what was prepared for them."""

    batch: Batch
    prepared: Any


Apply = Callable[[Handler, Tx, Part], Awaitable[tuple[list[Outgoing], list[Dead]]]]


async def prepare(handler: Handler, batch: Batch) -> tuple[list[Part], list[Dead]]:
    """The whole batch as one part, or what is left of it when records cannot be prepared."""

    async def part(some: Batch) -> Part:
        return Part(some, await handler.prepare(some))

    return await _halving(batch, part)


async def apply_whole(handler: Handler, tx: Tx, part: Part) -> tuple[list[Outgoing], list[Dead]]:
    """Applies all of the part, or raises; the transaction is lost then."""
    outgoing = await handler.apply(tx, part.batch, part.prepared)
    check_sizes(outgoing)
    return outgoing, []


async def apply_halving(handler: Handler, tx: Tx, part: Part) -> tuple[list[Outgoing], list[Dead]]:
    """Applies what can be applied of the part, each attempt in a savepoint of its own."""

    async def whole(some: Batch) -> list[Outgoing]:
        async with tx.savepoint():
            outgoing, _ = await apply_whole(handler, tx, Part(some, part.prepared))
            return outgoing

    outputs, dead = await _halving(part.batch, whole)
    return [outgoing for output in outputs for outgoing in output], dead


def faulty(error: Exception) -> bool:
    """Whether the data is to blame: then halving finds the records. A planner that raises names a record it cannot
    handle."""
    return isinstance(error, DATA_ERRORS) or not isinstance(error, WAITED_OUT)


async def _halving(batch: Batch, attempt: Callable[[Batch], Awaitable[T]]) -> tuple[list[T], list[Dead]]:
    try:
        return [await attempt(batch)], []
    except Exception as error:
        if not faulty(error):
            raise
        if len(batch.records) <= 1 and not isinstance(error, DATA_ERRORS):
            logs.get().exception("planner_failed", subject=batch.source.subject)
        failure = error
    if len(batch.records) <= 1:
        return [], [Dead.of(record, failure) for record in batch.records]
    middle = len(batch.records) // 2
    done: list[T] = []
    dead: list[Dead] = []
    for records in (batch.records[:middle], batch.records[middle:]):
        some_done, some_dead = await _halving(Batch(batch.workspace_id, batch.source, records), attempt)
        done += some_done
        dead += some_dead
    return done, dead
