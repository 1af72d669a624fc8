"""The demo: a year and a half of real purchases replayed, then a live afternoon with two journeys.

`run(stack)` plays it through the gateway's public routes only, against a stack that is up.
"""

from __future__ import annotations

import time

from rich.console import Console

from waypost_dev.demo import live, replay, summary
from waypost_dev.demo.client import Client
from waypost_dev.demo.customers import read_customers
from waypost_dev.drained import Lag
from waypost_dev.stack import Stack

__all__ = ["run"]


async def run(stack: Stack, *, stopping: bool = False) -> None:
    """`stopping` only tells the last page what comes next."""
    console = Console()
    started = time.monotonic()
    env = stack.env
    lag = Lag(env["WAYPOST_NATS_URL"])
    customers = read_customers()
    async with Client(env["WAYPOST_URL"], env["WAYPOST_WRITE_KEY"], env["WAYPOST_SECRET_KEY"]) as client:
        segment_id = await replay.ensure_segment(client)
        replayed = await replay.play(client, lag, customers, console)
        journeys = await live.ensure_journeys(client)
        played = await live.play(client, lag, journeys, console)
        await summary.show(client, console, customers, segment_id, journeys, replayed, played)
    summary.say_goodbye(console, env, stack.home, time.monotonic() - started, stopping=stopping)
