"""Waiting for something to become true, with a deadline; never for time to pass."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def until(condition: Callable[[], Awaitable[bool]], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, f"not true after {seconds} s: {condition.__qualname__}"
        await asyncio.sleep(0.05)
