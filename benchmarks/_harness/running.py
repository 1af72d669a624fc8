"""A whole platform of the benchmark's own, on a temporary home, and how far it is behind."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import nats
from waypost_dev import names
from waypost_dev.demo.client import Client
from waypost_dev.errors import DevError
from waypost_dev.stack import Stack

from _harness.bodies import fill
from _harness.machine import CpuMeter

DRAIN_PATIENCE_S = 600.0
LOAD = Path(__file__).with_name("load.py")


def say(text: str) -> None:
    print(text, flush=True)


class Platform:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        env = stack.env
        self.address = stack.url.removeprefix("http://")
        self.write_key = env["WAYPOST_WRITE_KEY"]
        self.secret_key = env["WAYPOST_SECRET_KEY"]
        self.workspace_id = env["WAYPOST_WORKSPACE_ID"]
        self.nats_url = env["WAYPOST_NATS_URL"]
        self._serial = 0

    @classmethod
    @asynccontextmanager
    async def start(cls, without: Iterable[str] = ()) -> AsyncIterator[Platform]:
        with tempfile.TemporaryDirectory(prefix="waypost-bench-") as home:
            stack = Stack(Path(home), say=say)
            await stack.start(set(names.ALL) - set(without))
            try:
                yield cls(stack)
            finally:
                await stack.stop()
                stack.erase()

    def client(self) -> Client:
        return Client(self.stack.url, self.write_key, self.secret_key)

    def database_url(self, service: str, role: str = "app") -> str:
        return self.stack.environment.databases.url(service, role)

    def running(self) -> list[str]:
        return [name for name in names.ALL if name in self._pids()]

    def cpu(self) -> CpuMeter:
        return CpuMeter(self._pids())

    def _pids(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for name in names.ALL:
            with contextlib.suppress(DevError):  # not started
                found[name] = self.stack.pid(name)
        return found

    async def make_segment(self) -> None:
        """Some rule must look at the events, or segment's part of the work would be missing."""
        rule = {"event": "Order Completed", "count": {"gte": 3}}
        async with self.client() as client:
            await client.post("/v1/segments", {"name": "Bench", "rule": rule})

    async def post_all(self, bodies: Sequence[bytes]) -> None:
        """Batches with nothing to fill in but the time."""
        basic = aiohttp.BasicAuth(self.write_key, "")
        async with aiohttp.ClientSession(self.stack.url, auth=basic) as session:
            for body in bodies:
                async with session.post("/v1/batch", data=fill(body, 0)) as answer:
                    if answer.status != 200:
                        raise RuntimeError(f"/v1/batch answered {answer.status}: {await answer.text()}")

    async def load(self, **orders: Any) -> dict[str, float]:
        """Runs the load generator to its end; see load.py for its orders."""
        orders |= {"address": self.address, "serial": self._serial, "seed": self._serial}
        orders["basic"] = base64.b64encode(f"{self.write_key}:".encode()).decode()
        self._serial += 50_000_000
        child = await asyncio.create_subprocess_exec(
            sys.executable, str(LOAD), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await child.communicate(json.dumps(orders).encode())
        if child.returncode:
            raise RuntimeError(f"the load generator ended with code {child.returncode}")
        answer: dict[str, float] = json.loads(out)
        if answer["refused"]:
            raise RuntimeError(f"{answer['refused']:.0f} of {answer['requests']:.0f} requests were refused")
        return answer


class Backlog:
    """Messages of the event path that its services have yet to handle. A profile that has acknowledged INGEST has
    published what follows from it, so reading INGEST first leaves no gap."""

    def __init__(self, client: Any) -> None:
        self._client = client

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Backlog]:
        client = await nats.connect(url, connect_timeout=5)
        try:
            yield cls(client)
        finally:
            await client.close()

    async def read(self) -> dict[str, int]:
        """Service → messages that wait or are in hand."""
        found: dict[str, int] = {}
        for stream, services in (("INGEST", ("profile",)), ("PROFILE", ("segment", "scoring", "journey"))):
            for service, waiting in (await self._of(stream)).items():
                if service in services:
                    found[service] = found.get(service, 0) + waiting
        return found

    async def drained(self) -> None:
        """Returns once nothing waits any more."""
        deadline = time.monotonic() + DRAIN_PATIENCE_S
        while any((behind := await self.read()).values()):
            if time.monotonic() > deadline:
                raise RuntimeError(f"still behind after {DRAIN_PATIENCE_S:.0f} s: {behind}")
            await asyncio.sleep(0.2)

    async def _of(self, stream: str) -> dict[str, int]:
        js = self._client.jetstream(timeout=10)
        found: dict[str, int] = {}
        offset = 0
        while True:
            page = await js.consumers_info(stream, offset=offset)
            for one in page:
                service = one.name.partition("-")[0]
                found[service] = found.get(service, 0) + one.num_pending + one.num_ack_pending
            offset += len(page)
            if len(page) < 256:
                return found
