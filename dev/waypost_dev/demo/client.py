"""The gateway as the demo uses it: ingestion with the write key, everything else with the secret key."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

import aiohttp

from waypost_dev.errors import DevError

RETRIES = 60


class Client:
    def __init__(self, url: str, write_key: str, secret_key: str) -> None:
        self._url = url
        basic = base64.b64encode(f"{write_key}:".encode()).decode()
        self._write = {"Authorization": f"Basic {basic}"}
        self._secret = {"Authorization": f"Bearer {secret_key}"}

    async def __aenter__(self) -> Client:
        self._session = aiohttp.ClientSession(self._url, timeout=aiohttp.ClientTimeout(total=90))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def ingest(self, calls: list[dict[str, Any]], lane: str = "live") -> dict[str, Any]:
        """One /v1/batch; waits and repeats, with the same message ids, when the gateway asks to."""
        body = {"batch": calls, "lane": lane}
        for _ in range(RETRIES):
            try:
                async with self._session.post("/v1/batch", json=body, headers=self._write) as answer:
                    if answer.status == 200:
                        found: dict[str, Any] = await answer.json()
                        return found
                    if answer.status not in (429, 503):
                        raise DevError(
                            f"/v1/batch answered {answer.status}: {await answer.text()}", "see `make logs`"
                        )
                    pause = float(answer.headers.get("Retry-After", "1"))
            except aiohttp.ClientConnectionError:
                pause = 0.5
            await asyncio.sleep(min(pause, 2.0))
        raise DevError("the gateway does not take events", "look at `make status` and `make logs S=gateway`")

    async def get(self, path: str, **query: str) -> Any:
        return await self._call("GET", path, params=query)

    async def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return await self._call("POST", path, json={} if body is None else body, headers=headers)

    async def put(self, path: str, body: Any) -> Any:
        return await self._call("PUT", path, json=body)

    async def pages(self, path: str) -> list[dict[str, Any]]:
        """All items of a list."""
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            page = await self.get(path, **({"page_token": token} if token else {}))
            found += page["items"]
            token = page["next_page_token"]
            if not token:
                return found

    async def _call(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **options: Any
    ) -> Any:
        headers = {**self._secret, **(headers or {})}
        for attempt in range(RETRIES):
            async with self._session.request(method, path, headers=headers, **options) as answer:
                if answer.status == 503 and attempt < RETRIES - 1:
                    await asyncio.sleep(0.5)
                    continue
                if answer.status >= 400:
                    raise DevError(
                        f"{method} {path} answered {answer.status}: {await answer.text()}", "see `make logs`"
                    )
                return await answer.json()
        raise AssertionError("unreachable")


def batches(calls: Iterable[dict[str, Any]], size: int) -> Iterable[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for call in calls:
        batch.append(call)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
