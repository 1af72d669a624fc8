"""Runs what is due. A kind of job keeps its place in the database and is a function of it: `run` may be called again,
by another replica, at any point where the one before ended."""

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

import grpc
from chassis import logs, metrics
from chassis.clock import Clock
from chassis.database import FAILURES, RETRYABLE, UNREACHABLE, Database
from chassis.errors import ServiceError
from chassis.ids import new_id

from gateway_service.store import jobs
from gateway_service.store.jobs import HOLD, Held, HoldLost, JobStore

AT_ONCE = 4
"""Jobs that a replica works on."""
LOOK_EVERY_S = 1.0
PAUSE = timedelta(seconds=2)
"""After something that may be better next time."""
MOST_ATTEMPTS = 5
"""Without getting on, when what stops it is a fault of ours."""


_PASSING = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.CANCELLED,
)


class JobFailed(Exception):
    """The job cannot be done, whoever tries; the text is for its owner."""


class JobWaits(Exception):
    """Somebody else is not done yet: the job goes on in a moment, however often."""


class JobKind(Protocol):
    async def run(self, held: Held) -> None:
        """Returns when the job is done."""


class JobRunner:
    def __init__(
        self, database: Database, store: JobStore, kinds: Mapping[str, JobKind], clock: Clock
    ) -> None:
        self._database = database
        self._store = store
        self._kinds = kinds
        self._clock = clock
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """A job may have become due."""
        self._woken.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            metrics.beat("jobs")
            try:
                held = await self._store.claim(list(self._kinds), new_id(), self._clock.now())
            except FAILURES as error:
                logs.get().warning("jobs_wait", detail=type(error).__name__)
                held = None
            if held is not None:
                await self._do(held)
                continue
            self._woken.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._woken.wait()

    async def _do(self, held: Held) -> None:
        log = logs.get().bind(job_id=str(held.job_id), kind=held.kind)
        try:
            await self._run(held)
            await self._end(held, "done")
            log.info("job_done")
        except HoldLost:
            log.info("job_lost")
        except JobWaits as waits:
            log.info("job_waits", detail=str(waits))
            await self._postponed(held)
        except JobFailed as failure:
            await self._ended(held, "failed", str(failure))
        except asyncio.CancelledError:
            # The gateway leaves: another need not wait until the hold ends.
            with contextlib.suppress(Exception):
                await asyncio.shield(self._store.postpone(held, self._clock.now()))
            raise
        except Exception as error:
            if _passes(error):
                log.warning("job_waits", detail=type(error).__name__)
                await self._postponed(held)
            elif held.attempts < MOST_ATTEMPTS:
                log.exception("job_stumbled")
                await self._postponed(held)
            else:
                log.exception("job_given_up")
                await self._ended(held, "failed", "a fault of ours; our log has it under the job's id")

    async def _run(self, held: Held) -> None:
        """Holds on meanwhile: it may be long until the work's next transaction, such as where an import reads on to
        the place at which it was killed."""
        keeping = asyncio.create_task(self._keep(held))
        try:
            await self._kinds[held.kind].run(held)
        finally:
            keeping.cancel()

    async def _keep(self, held: Held) -> None:
        while True:
            await asyncio.sleep(HOLD.total_seconds() / 3)
            metrics.beat("jobs")
            with contextlib.suppress(*FAILURES):
                await self._store.keep(held, self._clock.now())

    async def _end(self, held: Held, state: str, failure: str = "") -> None:
        now = self._clock.now()
        async with self._database.transaction(held.workspace_id) as tx:
            await jobs.hold(tx, held, now)
            await jobs.end(tx, held.job_id, state, failure, now)

    async def _ended(self, held: Held, state: str, failure: str) -> None:
        """Where that cannot be written down now, the hold ends by itself and the job is tried again."""
        with contextlib.suppress(HoldLost, *FAILURES):
            await self._end(held, state, failure)

    async def _postponed(self, held: Held) -> None:
        with contextlib.suppress(*FAILURES):
            await self._store.postpone(held, self._clock.now() + PAUSE)


def _passes(error: Exception) -> bool:
    """Whether the same may go well in a moment, however often it has not."""
    if isinstance(error, ServiceError):
        return error.code in _PASSING
    return isinstance(error, (*RETRYABLE, *UNREACHABLE))
