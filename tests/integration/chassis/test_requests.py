"""Mutations with a request_id: answered once, whatever is repeated."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument
from chassis.ids import new_id
from chassis.requests import once
from waypost.segment.v1 import segment_service_pb2 as pb

from tests.integration.chassis.harness import until

Databases = Callable[[str], Awaitable[Database]]


class Caller:
    def __init__(self, database: Database) -> None:
        self._database = database
        self.works = 0
        self.hold = asyncio.Event()
        self.hold.set()

    async def create(self, workspace_id: UUID, request_id: str, name: str) -> str:
        request = pb.CreateSegmentRequest(request_id=request_id, name=name)

        async def work() -> pb.Segment:
            self.works += 1
            number = self.works
            await self.hold.wait()
            return pb.Segment(segment_id=f"seg_{number}", name=name)

        async def in_tx(tx: Tx) -> pb.Segment:
            return await once(tx, request, pb.Segment, work)

        return str((await self._database.run(workspace_id, in_tx)).segment_id)


@pytest.fixture
async def caller(databases: Databases) -> Caller:
    return Caller(await databases("segment"))


async def test_the_same_id_and_body_get_the_first_answer(caller: Caller, workspace_id: UUID) -> None:
    assert [await caller.create(workspace_id, "r1", "a") for _ in range(3)] == ["seg_1"] * 3
    assert caller.works == 1


async def test_the_same_id_with_another_body_is_refused(caller: Caller, workspace_id: UUID) -> None:
    await caller.create(workspace_id, "r1", "a")
    with pytest.raises(InvalidArgument) as refused:
        await caller.create(workspace_id, "r1", "b")
    assert refused.value.reason == "REQUEST_ID_REUSED"
    assert refused.value.metadata == {"request_id": "r1"}
    assert caller.works == 1


async def test_ids_of_different_workspaces_and_empty_ids_do_not_meet(
    caller: Caller, workspace_id: UUID
) -> None:
    await caller.create(workspace_id, "r1", "a")
    assert await caller.create(new_id(), "r1", "b") == "seg_2"
    assert await caller.create(workspace_id, "", "a") == "seg_3"
    assert await caller.create(workspace_id, "", "a") == "seg_4"


async def test_two_calls_at_the_same_time_do_the_work_once(caller: Caller, workspace_id: UUID) -> None:
    caller.hold.clear()
    calls = [asyncio.create_task(caller.create(workspace_id, "r1", "a")) for _ in range(5)]

    async def begun() -> bool:
        return caller.works > 0

    await until(begun)
    caller.hold.set()
    assert set(await asyncio.gather(*calls)) == {"seg_1"}
    assert caller.works == 1


async def test_work_that_failed_is_not_an_answer(databases: Databases, workspace_id: UUID) -> None:
    database = await databases("segment")
    request = pb.CreateSegmentRequest(request_id="r1", name="a")

    async def fails() -> pb.Segment:
        raise KeyError

    async def works() -> pb.Segment:
        return pb.Segment()

    with pytest.raises(KeyError):
        await database.run(workspace_id, lambda tx: once(tx, request, pb.Segment, fails))
    # An answer without fields is an answer: it is not done again.
    for _ in range(2):
        await database.run(workspace_id, lambda tx: once(tx, request, pb.Segment, works))
    assert await database.run(workspace_id, lambda tx: once(tx, request, pb.Segment, fails)) == pb.Segment()
