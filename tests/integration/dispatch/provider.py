"""The sandbox provider, inside the test's loop."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from waypost_dev.ports import pick_free
from waypost_sandbox.server import serve
from waypost_sandbox.settings import Settings

from tests.waiting import until

SECRET = "5a" * 32
DEADLINE_S = 30.0


@dataclass
class Sandbox:
    http: aiohttp.ClientSession
    data_dir: Path
    port: int
    smtp_port: int
    callback_port: int
    """Where the stage takes callbacks."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        report = f"http://127.0.0.1:{self.callback_port}"
        secret = bytes.fromhex(SECRET)
        settings = Settings("127.0.0.1", self.port, self.data_dir, secret, self.smtp_port, report)
        self.serving = asyncio.create_task(serve(settings))
        await until(self.ready, DEADLINE_S)

    async def end(self) -> None:
        self.serving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.serving

    async def ready(self) -> bool:
        try:
            async with self.http.get(f"{self.url}/readyz") as answer:
                return answer.status == 200
        except aiohttp.ClientConnectionError:
            return False

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


@asynccontextmanager
async def running_sandbox(data_dir: Path) -> AsyncIterator[Sandbox]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=DEADLINE_S)) as http:
        sandbox = Sandbox(http, data_dir, pick_free(), pick_free(), pick_free())
        await sandbox.start()
        try:
            yield sandbox
        finally:
            await sandbox.end()
