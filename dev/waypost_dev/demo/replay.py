"""History: every customer's calls through /v1/batch, in the bulk lane."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from itertools import chain
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from waypost_dev.demo.client import Client, batches
from waypost_dev.demo.customers import Customer
from waypost_dev.drained import Behind, Lag

BATCH = 500
IN_FLIGHT = 4
DRAIN_SECONDS = 240.0
SEGMENT = {
    "name": "Loyal in Shanghai and Hangzhou",
    "rule": {
        "all": [
            {"event": "Order Completed", "count": {"gte": 3}},
            {"trait": "city", "op": "in", "value": ["上海", "杭州"]},
        ]
    },
}


@dataclass(frozen=True, slots=True)
class Replayed:
    calls: int
    accepted: int
    rejected: int
    accept_seconds: float
    drain_seconds: float


async def ensure_segment(client: Client) -> str:
    """The demo's segment, made before the history so that events keep it current."""
    for segment in await client.pages("/v1/segments"):
        if segment["name"] == SEGMENT["name"]:
            return str(segment["segment_id"])
    return str((await client.post("/v1/segments", SEGMENT))["segment_id"])


async def play(client: Client, lag: Lag, customers: list[Customer], console: Console) -> Replayed:
    calls = list(chain.from_iterable(customer.calls() for customer in customers))
    # By time, as they happened: each customer's calls lie scattered over the whole replay.
    calls.sort(key=lambda call: call["timestamp"])
    columns = (TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        sending = progress.add_task("purchases accepted", total=len(calls))
        started = time.monotonic()
        accepted = rejected = 0
        slots = asyncio.Semaphore(IN_FLIGHT)

        async def send(batch: list[dict[str, Any]]) -> None:
            nonlocal accepted, rejected
            async with slots:
                answer = await client.ingest(batch, lane="bulk")
            accepted += answer["accepted"]
            rejected += len(answer["rejected"])
            progress.advance(sending, len(batch))

        async with asyncio.TaskGroup() as group:
            for batch in batches(calls, BATCH):
                group.create_task(send(batch))
        accept_seconds = time.monotonic() - started
        handling = progress.add_task("batches handled by all services", total=None)
        most = 0

        def tell(behind: Behind) -> None:
            nonlocal most
            most = max(most, behind.total)
            progress.update(handling, total=most or 1, completed=most - behind.total)

        await lag.wait(DRAIN_SECONDS, tell)
    return Replayed(len(calls), accepted, rejected, accept_seconds, time.monotonic() - started)
