"""The gateway from start to stop: its door is HTTP, so it opens and closes in its own order.

SIGTERM: not ready → wait for balancers to notice → close the door and finish what is inside → last flushes → broker,
peers and database.
"""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import uvicorn
from chassis import heap, logs, metrics, tracing
from chassis.bus import Bus
from chassis.database import Database
from chassis.grpc_client import Peers
from chassis.sampling import Sampling
from chassis.service import READY_EVERY_S, Loop
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from gateway_service.auth import Keys
from gateway_service.data_keys import FollowDataKeys
from gateway_service.ingest.commit import GroupCommit
from gateway_service.ingest.issue_book import IssueBook
from gateway_service.ingest.routes import Ingestion

DRAIN_S = 20
BACKLOG = 2048
LAST_FLUSH_S = 3.0


@dataclass
class Health:
    """What /readyz says. Ready means that the gateway's own PostgreSQL answers and that it is not leaving."""

    database: bool = False
    leaving: bool = False

    @property
    def ready(self) -> bool:
        return self.database and not self.leaving


class _Door(uvicorn.Server):
    """Signals are the gateway's business, not the server's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class Gateway:
    app: ASGIApp
    listen: str
    trusted_proxies: str
    leave_s: float
    database: Database
    bus: Bus
    peers: Peers
    ingestion: Ingestion
    commit: GroupCommit
    issues: IssueBook
    keys: Keys
    data_keys: FollowDataKeys
    health: Health
    loops: Sequence[Loop]
    """Side tasks beside those of the parts above."""
    flushes: Sequence[Loop]
    """What is written down before the database is let go, beside what those parts have."""
    routes: Sequence[APIRoute]
    """Every route of the application."""
    metrics_listen: str = ""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    listening: asyncio.Event = field(default_factory=asyncio.Event)
    address: tuple[str, int] = ("", 0)
    """Host and port once `listening` is set; the port matters when the settings ask for 0."""

    async def run(self) -> int:
        """Serves until SIGTERM or SIGINT; the exit status. The death of any side task stops the service."""
        heap.calm()
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self.stopping.set)
        return await self.serve()

    async def serve(self) -> int:
        """Like `run`, until `stopping` is set."""
        log = logs.get()
        async with AsyncExitStack() as stack:
            stack.callback(tracing.flush)
            stack.enter_context(metrics.serving("gateway", self.metrics_listen))
            await self.database.start()
            stack.push_async_callback(self.database.stop)
            stack.push_async_callback(self.peers.stop)
            await self.bus.start()
            stack.push_async_callback(self.bus.stop)
            door = stack.enter_context(_listener(self.listen))
            host, port = door.getsockname()[:2]
            self.address = (host, port)
            server = _Door(_config(self.app, self.trusted_proxies))
            serving = asyncio.create_task(server.serve(sockets=[door]))
            tasks = [asyncio.create_task(work()) for work in self._side_tasks()]
            stopped = asyncio.create_task(self.stopping.wait())
            log.info("started", address=f"{host}:{port}")
            self.listening.set()
            done, _ = await asyncio.wait([serving, *tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
            failed = [task for task in done if task is not stopped]
            for task in failed:
                log.error("side_task_died", exc_info=task.exception())
            await self._leave(server, serving, tasks)
            stopped.cancel()
            log.info("stopped")
        return 1 if failed else 0

    def _side_tasks(self) -> Sequence[Loop]:
        sampling = [Sampling(self.database, self.bus).run] if self.metrics_listen else []
        return (
            self._watch_database,
            self.issues.run,
            self.keys.run,
            self.data_keys.run,
            *self.loops,
            *sampling,
        )

    async def _leave(
        self, server: uvicorn.Server, serving: asyncio.Task[None], tasks: Sequence[asyncio.Task[None]]
    ) -> None:
        self.health.leaving = True
        await asyncio.sleep(self.leave_s)
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for last in (self.commit.drain, self.issues.flush, self.keys.flush, *self.flushes):
            try:
                async with asyncio.timeout(LAST_FLUSH_S):
                    await last()
            except TimeoutError:
                logs.get().error("drain_timed_out")

    async def _watch_database(self) -> None:
        while True:
            self.health.database = await self.database.ready()
            metrics.READY.set(self.health.ready)
            await asyncio.sleep(READY_EVERY_S)


def _listener(listen: str) -> socket.socket:
    """A bound socket now, so that a port in use is an error of the start."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]") or "0.0.0.0"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((host, int(port)))
        door.listen(BACKLOG)
    except OSError as error:
        door.close()
        raise OSError(f"cannot listen on {listen}: {error.strerror}") from error
    return door


def _config(app: ASGIApp, trusted_proxies: str) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=DRAIN_S,
    )
