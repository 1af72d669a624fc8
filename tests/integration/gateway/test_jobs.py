"""Jobs are shared by replicas, tried again when that may help, and given up when it does not."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.database import Database
from chassis.errors import BrokerUnavailable, InvalidArgument
from chassis.ids import new_id
from gateway_service.jobs.runner import MOST_ATTEMPTS, PAUSE, JobFailed, JobRunner
from gateway_service.store import jobs
from gateway_service.store.jobs import HOLD, Held, HoldLost, JobStore

from tests.conftest import Databases
from tests.waiting import until

GIVEN_UP = "a fault of ours; our log has it under the job's id"


class Kind:
    """Ends as told, call by call; then well."""

    def __init__(self, *ends: Exception) -> None:
        self.ends = list(ends)
        self.ran: list[UUID] = []

    async def run(self, held: Held) -> None:
        self.ran.append(held.job_id)
        if self.ends:
            raise self.ends.pop(0)


class Desk:
    def __init__(self, database: Database, clock: ManualClock, workspace_id: UUID) -> None:
        self.database, self.clock, self.workspace_id = database, clock, workspace_id
        self.store = JobStore(database)

    async def add(self, workspace_id: UUID | None = None) -> UUID:
        job_id = new_id()
        async with self.database.transaction(workspace_id or self.workspace_id) as tx:
            await jobs.add(tx, job_id, "kind", "name", self.clock.now())
            job = await jobs.lock(tx, job_id)
            assert job is not None
            await jobs.enqueue(tx, job, self.clock.now(), fresh=True)
        return job_id

    async def claim(self) -> Held | None:
        return await self.store.claim(["kind"], new_id(), self.clock.now())

    async def work(self, kind: Kind) -> None:
        """Everything that is due, once."""
        runner = JobRunner(self.database, self.store, {"kind": kind}, self.clock)
        while (held := await self.claim()) is not None:
            await runner._do(held)

    async def state(self, job_id: UUID) -> tuple[str, str]:
        job = await self.store.get(self.workspace_id, job_id)
        assert job is not None
        return job.state, job.failure


@pytest.fixture
async def desk(databases: Databases, clock: ManualClock, workspace_id: UUID) -> Desk:
    return Desk(await databases("gateway"), clock, workspace_id)


async def test_a_job_is_in_one_pair_of_hands_until_these_are_dead(desk: Desk, clock: ManualClock) -> None:
    first, second = await desk.add(), await desk.add()
    elsewhere = await desk.add(new_id())
    held = await desk.claim()
    assert held is not None
    assert held.job_id == first
    other = await desk.claim()
    assert other is not None
    assert other.job_id == elsewhere, "a workspace has one job in work"
    assert await desk.claim() is None
    clock.advance(HOLD + timedelta(seconds=1))
    taken = await desk.claim()
    assert taken is not None
    assert (taken.job_id, taken.attempts) == (first, 2)
    with pytest.raises(HoldLost):
        async with desk.database.transaction(desk.workspace_id) as tx:
            await jobs.hold(tx, held, clock.now())
    await desk.store.postpone(held, clock.now())
    assert await desk.store.claim(["other"], new_id(), clock.now()) is None
    async with desk.database.transaction(desk.workspace_id) as tx:
        await jobs.end(tx, first, "done", "", clock.now())
    following = await desk.claim()
    assert following is not None
    assert following.job_id == second


async def test_a_job_is_held_however_long_it_takes_to_its_next_transaction(
    desk: Desk, clock: ManualClock
) -> None:
    class Slow(Kind):
        async def run(self, held: Held) -> None:
            clock.advance(HOLD + timedelta(seconds=1))
            await until(self._held_anew, 30)
            assert await desk.claim() is None, "another would do it once more"

        async def _held_anew(self) -> bool:
            async with desk.database.connection() as connection:
                return bool(await connection.fetchval("SELECT held_until > $1 FROM job_queue", clock.now()))

    job_id = await desk.add()
    await desk.work(Slow())
    assert await desk.state(job_id) == ("done", "")


async def test_what_may_be_better_next_time_is_tried_again(desk: Desk, clock: ManualClock) -> None:
    kind, job_id = Kind(BrokerUnavailable("away"), ConnectionError("odd")), await desk.add()
    for tries in (1, 2, 3):
        await desk.work(kind)
        assert len(kind.ran) == tries
        clock.advance(PAUSE)
    assert await desk.state(job_id) == ("done", "")


@pytest.mark.parametrize(
    ("end", "times", "failure"),
    [
        (lambda: JobFailed("no such file"), 1, "no such file"),
        (lambda: RuntimeError("secret"), MOST_ATTEMPTS, GIVEN_UP),
        (lambda: InvalidArgument("it will never be taken"), MOST_ATTEMPTS, GIVEN_UP),
    ],
)
async def test_what_never_gets_better_is_given_up(
    desk: Desk, clock: ManualClock, end: Callable[[], Exception], times: int, failure: str
) -> None:
    kind, job_id = Kind(*(end() for _ in range(20))), await desk.add()
    for _ in range(10):
        await desk.work(kind)
        clock.advance(PAUSE)
    assert len(kind.ran) == times
    assert await desk.state(job_id) == ("failed", failure)
