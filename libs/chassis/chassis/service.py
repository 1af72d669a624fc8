"""A service from start to stop: open in order, watch, drain, close in reverse."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from chassis import heap, logs, metrics, tracing
from chassis.bus import Bus
from chassis.consumer import Consumer
from chassis.database import Database
from chassis.grpc_client import Peers
from chassis.grpc_server import GrpcServer
from chassis.lanes import LaneGate
from chassis.outbox import Outbox
from chassis.sampling import Sampler, Sampling

DRAIN_S = 20.0
READY_EVERY_S = 1.0
INFORMED_EVERY_S = 0.05

Loop = Callable[[], Coroutine[Any, Any, None]]


@dataclass
class Service:
    """The parts of one service, made by its app.build. Roles: `rpc` answers calls, `work` handles batches."""

    name: str
    database: Database
    bus: Bus
    outbox: Outbox
    gate: LaneGate
    server: GrpcServer
    peers: Peers
    roles: frozenset[str] = frozenset({"rpc", "work"})
    consumers: Sequence[Consumer] = ()
    loops: Sequence[Loop] = ()
    """Side tasks of the work role; each runs until `gate` closes or it is cancelled."""
    followers: Sequence[Loop] = ()
    """Side tasks of every role."""
    informed: Callable[[], bool] = lambda: True
    """Whether what followers learn first is known; not ready without."""
    leave_s: float = 0.0
    metrics_listen: str = ""
    samplers: Sequence[Sampler] = ()
    closers: Sequence[Callable[[], Awaitable[None]]] = ()
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> int:
        """Serves until SIGTERM or SIGINT; the exit status. The death of any side task stops the service."""
        heap.calm()
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self.stopping.set)
        log = logs.get()
        async with AsyncExitStack() as stack:
            stack.callback(tracing.flush)
            stack.enter_context(metrics.serving(self.name, self.metrics_listen))
            await self.database.start()
            stack.push_async_callback(self.database.stop)
            await self.bus.start()
            stack.push_async_callback(self.bus.stop)
            stack.push_async_callback(self.peers.stop)
            for closer in self.closers:
                stack.push_async_callback(closer)
            await self.server.start()
            log.info("started", roles=sorted(self.roles))
            tasks = [asyncio.create_task(work()) for work in self._side_tasks()]
            stopped = asyncio.create_task(self.stopping.wait())
            done, _ = await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
            failed = [t for t in done if t is not stopped]
            for task in failed:
                log.error("side_task_died", exc_info=task.exception())
            await self._drain(tasks)
            await self.server.stop(grace=5)
            await self.outbox.flush()
            log.info("stopped")
        return 1 if failed else 0

    def _side_tasks(self) -> list[Loop]:
        tasks: list[Loop] = [self._watch_readiness]
        if self.metrics_listen:
            tasks.append(Sampling(self.database, self.bus, (self.outbox.sample, *self.samplers)).run)
        if "work" in self.roles:
            tasks += [consumer.run for consumer in self.consumers]
            tasks += self.loops
        tasks += self.followers
        # Calls write outbox rows too, so whoever may write them also sweeps them.
        return [*tasks, self.outbox.relay]

    async def _drain(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        self.stopping.set()
        await self.server.set_ready(False)
        # Still at work meanwhile: a caller that has not noticed is served.
        await asyncio.sleep(self.leave_s)
        self.gate.close()
        try:
            async with asyncio.timeout(DRAIN_S):
                await asyncio.gather(*(c.drain() for c in self.consumers))
        except TimeoutError:
            logs.get().error("drain_timed_out")
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch_readiness(self) -> None:
        """Ready means that the service's own PostgreSQL answers, and has been read where `informed` asks for it; nothing
        else of the world is asked."""
        while True:
            ready = await self.database.ready() and self.informed()
            # A service that drains stays not ready, whatever its database says.
            serving = ready and not self.stopping.is_set()
            metrics.READY.set(serving)
            await self.server.set_ready(serving)
            await asyncio.sleep(READY_EVERY_S if self.informed() else INFORMED_EVERY_S)
