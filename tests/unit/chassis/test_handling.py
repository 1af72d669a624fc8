"""Bisection without a database: who is set aside, who waits, in what order the rest comes out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import grpc
import nats.errors
import pytest
from chassis import handling
from chassis.bus import MAX_RECORD_BYTES, Source
from chassis.errors import BrokerUnavailable, DatabaseUnavailable, DataError
from chassis.handling import Batch, Dead, Part
from chassis.outbox import Outgoing, split
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st

BATCH = Batch(UUID(int=1), Source("SEND", "live", 3), [b"%d" % n for n in range(64)])


class FakeTx:
    """Savepoints over a list."""

    def __init__(self) -> None:
        self.rows: list[bytes] = []

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        kept = list(self.rows)
        try:
            yield
        except BaseException:
            self.rows = kept
            raise


class Handler:
    def __init__(self, poison: set[bytes], error: BaseException) -> None:
        self.poison = poison
        self.error = error
        self.calls = 0

    async def prepare(self, batch: Batch) -> str:
        return "prepared"

    async def apply(self, tx: Any, batch: Batch, prepared: str) -> list[Outgoing]:
        assert prepared == "prepared"
        self.calls += 1
        for record in batch.records:
            if record in self.poison:
                raise self.error
            tx.rows.append(record)
        return [Outgoing("MESSAGE", list(batch.records))]


async def apply(handler: Handler, batch: Batch = BATCH) -> tuple[list[bytes], list[Dead], FakeTx]:
    tx = FakeTx()
    parts, dead = await handling.prepare(handler, batch)
    [part] = parts
    outgoing, more = await handling.apply_halving(handler, tx, part)  # type: ignore[arg-type]
    return [r for o in outgoing for r in o.records], dead + more, tx


@given(st.sets(st.integers(0, 63), max_size=64))
async def test_exactly_the_poison_is_set_aside_and_the_rest_keeps_its_order(poison: set[int]) -> None:
    handler = Handler({b"%d" % n for n in poison}, DataError("BAD", "why"))
    published, dead, tx = await apply(handler)
    good = [r for r in BATCH.records if r not in handler.poison]
    assert published == tx.rows == good
    assert [d.record for d in dead] == [r for r in BATCH.records if r in handler.poison]
    assert {(d.reason, d.detail) for d in dead} <= {("BAD", "why")}


async def test_what_no_waiting_makes_fit_is_set_aside() -> None:
    """A value that is too long for an index must not hold up its partition."""
    _, dead, _ = await apply(Handler({b"41"}, asyncpg.ProgramLimitExceededError()))
    assert [(one.record, one.reason) for one in dead] == [(b"41", "ProgramLimitExceededError")]


async def test_one_poisonous_record_costs_a_logarithm_of_attempts() -> None:
    handler = Handler({b"41"}, DecodeError())
    await apply(handler)
    assert handler.calls == 1 + 2 * 6


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.DeadlockDetectedError(),
        asyncpg.SerializationError(),
        asyncpg.LockNotAvailableError(),
        asyncpg.QueryCanceledError(),
        asyncpg.DiskFullError(),
        asyncpg.ConnectionDoesNotExistError(),
        asyncpg.UndefinedColumnError(),
        asyncpg.InterfaceError("closed"),
        asyncpg.exceptions.OutdatedSchemaCacheError("migrated"),
        nats.errors.ConnectionClosedError(),
        grpc.RpcError(),
        DatabaseUnavailable("away"),
        BrokerUnavailable("away"),
        TimeoutError(),
        ConnectionResetError(),
        MemoryError(),
    ],
    ids=lambda e: type(e).__name__,
)
async def test_what_may_pass_is_raised_again_at_once(error: Exception) -> None:
    handler = Handler({b"41"}, error)
    with pytest.raises(type(error)):
        await apply(handler)
    assert handler.calls == 1


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.UniqueViolationError(),
        asyncpg.NumericValueOutOfRangeError(),
        asyncpg.UntranslatableCharacterError(),
        DecodeError(),
        KeyError(),
        AssertionError(),
        RecursionError(),
        ValueError(),
    ],
    ids=lambda e: type(e).__name__,
)
async def test_what_never_passes_is_set_aside(error: Exception) -> None:
    _, dead, _ = await apply(Handler({b"41"}, error))
    assert [(d.record, d.reason, d.detail) for d in dead] == [(b"41", type(error).__name__, "")]


async def test_prepare_is_halved_too_and_its_parts_stay_together() -> None:
    class Picky(Handler):
        async def prepare(self, batch: Batch) -> str:
            if self.poison & set(batch.records):
                raise DecodeError
            return "prepared"

    handler = Picky({b"0", b"63"}, KeyError())
    parts, dead = await handling.prepare(handler, BATCH)
    assert [d.record for d in dead] == [b"0", b"63"]
    assert [r for part in parts for r in part.batch.records] == list(BATCH.records[1:-1])
    assert {part.prepared for part in parts} == {"prepared"}


async def test_an_empty_batch_that_fails_ends() -> None:
    class Fails(Handler):
        async def apply(self, tx: Any, batch: Batch, prepared: str) -> list[Outgoing]:
            raise KeyError

    empty = Batch(BATCH.workspace_id, BATCH.source, [])
    part = Part(empty, "prepared")
    assert await handling.apply_halving(Fails(set(), KeyError()), FakeTx(), part) == ([], [])  # type: ignore[arg-type]


async def test_a_record_that_would_never_be_published_is_set_aside() -> None:
    class Grows(Handler):
        async def apply(self, tx: Any, batch: Batch, prepared: str) -> list[Outgoing]:
            return [Outgoing("MESSAGE", [bytes(MAX_RECORD_BYTES + (r == b"41")) for r in batch.records])]

    some = Batch(BATCH.workspace_id, BATCH.source, [b"40", b"41"])
    published, dead, _ = await apply(Grows(set(), KeyError()), some)
    assert len(published) == 1
    assert [(d.record, d.reason) for d in dead] == [(b"41", "RECORD_TOO_LARGE")]


@given(st.text(st.characters(), max_size=600))
def test_any_detail_can_be_stored(detail: str) -> None:
    dead = Dead.of(b"x", DataError("BAD", detail))
    assert "\0" not in dead.detail
    assert len(dead.detail) <= handling.MAX_DETAIL
    dead.detail.encode()


@given(st.lists(st.integers(0, 200_000).map(bytes), max_size=30))
def test_messages_hold_all_records_in_order_within_the_limits(records: list[bytes]) -> None:
    messages = [list(m) for m in split(records)]
    assert [r for m in messages for r in m] == records
    assert all(m for m in messages)
    assert all(sum(map(len, m)) <= 256 * 1024 or len(m) == 1 for m in messages)


def test_a_message_holds_at_most_500_records() -> None:
    assert [len(m) for m in split([b"x"] * 1201)] == [500, 500, 201]
