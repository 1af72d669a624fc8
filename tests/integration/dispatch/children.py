"""The processes around a test: dispatch itself, and the sandbox provider."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

SECRET = "5a" * 32
DEADLINE_S = 30.0


async def until(condition: Callable[[], Awaitable[Any]], what: str, deadline_s: float = DEADLINE_S) -> Any:
    """The first true answer of `condition`."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + deadline_s
    while loop.time() < ends:
        if answer := await condition():
            return answer
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {deadline_s} s: {what}")


@dataclass
class Process:
    """A child that says on its standard output when it is up, or is asked."""

    arguments: list[str]
    env: dict[str, str]
    log: Path
    child: asyncio.subprocess.Process | None = None

    async def start(self, stdout: int | None = None) -> asyncio.subprocess.Process:
        with self.log.open("ab") as log:
            self.child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *self.arguments,
                env={**os.environ, **self.env},
                stdout=stdout,
                stderr=log,
            )
        return self.child

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        child, self.child = self.child, None
        if child is None:
            return 0
        if child.returncode is None:
            child.send_signal(number)
        return await asyncio.wait_for(child.wait(), DEADLINE_S)


@dataclass
class Sandbox:
    http: aiohttp.ClientSession
    process: Process
    callback_port: int
    """Where the stage takes callbacks."""
    url: str = ""
    smtp_port: str = ""

    async def start(self) -> None:
        child = await self.process.start(stdout=asyncio.subprocess.PIPE)
        assert child.stdout is not None
        line = json.loads(await asyncio.wait_for(child.stdout.readline(), DEADLINE_S))
        self.url = f"http://{line['listen']}"
        self.smtp_port = line["smtp"].rpartition(":")[2]

    async def control(self, **change: object) -> None:
        async with self.http.put(f"{self.url}/control", json=change) as answer:
            assert answer.status == 200

    async def messages(self) -> list[dict[str, Any]]:
        async with self.http.get(f"{self.url}/control/messages") as answer:
            return list((await answer.json())["messages"])

    async def mails(self) -> list[dict[str, Any]]:
        async with self.http.get(f"{self.url}/control/mails") as answer:
            return list((await answer.json())["mails"])

    async def stats(self, limit: int | None = None) -> dict[str, Any]:
        query = f"?limit={limit}" if limit else ""
        async with self.http.get(f"{self.url}/control/stats{query}") as answer:
            return dict(await answer.json())
