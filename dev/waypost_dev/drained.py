"""How far the services are behind the streams: what is neither handled nor in hand, over all their consumers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import nats
from nats.js.errors import NotFoundError

from waypost_dev.errors import DevError

POLL = 0.25
READERS = {
    "INGEST": ("profile",),
    "PROFILE": ("segment", "scoring", "journey", "dispatch"),
    "SEND": ("dispatch",),
    "MESSAGE": ("journey", "profile"),
}
CONSUMERS = 32
"""Of each reader: two lanes of sixteen partitions."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Messages not handled yet, by (stream, service)."""

    messages: dict[tuple[str, str], int]

    @property
    def total(self) -> int:
        return sum(self.messages.values())

    def __str__(self) -> str:
        return ", ".join(f"{service} on {stream}: {n}" for (stream, service), n in self.messages.items() if n)


class Lag:
    def __init__(self, nats_url: str) -> None:
        self._url = nats_url

    async def read(self) -> Behind:
        client = await nats.connect(self._url, connect_timeout=5)
        try:
            js = client.jetstream(timeout=10)
            found: dict[tuple[str, str], int] = {}
            for stream in await js.streams_info():
                name = stream.config.name or ""
                # Consumers live in the broker's memory: after its restart one that is not back yet may have much to do.
                found |= {(name, service): CONSUMERS for service in READERS.get(name, ())}
                offset = 0
                while True:
                    page = await js.consumers_info(name, offset=offset)
                    for consumer in page:
                        service = consumer.name.split("-", 1)[0]
                        waiting = (consumer.num_pending or 0) + (consumer.num_ack_pending or 0)
                        found[name, service] = found.get((name, service), 0) + waiting - 1
                    offset += len(page)
                    if len(page) < 256:
                        break
            return Behind(found)
        except NotFoundError:
            return Behind({})
        finally:
            await client.close()

    async def wait(
        self, seconds: float, tell: Callable[[Behind], Awaitable[None] | None] = lambda _: None
    ) -> float:
        """Seconds until nothing is behind, seen twice in a row: what one service publishes another has yet to see."""
        started = time.monotonic()
        quiet = 0
        while quiet < 2:
            behind = await self.read()
            told = tell(behind)
            if told is not None:
                await told
            quiet = quiet + 1 if behind.total == 0 else 0
            if time.monotonic() - started > seconds:
                raise DevError(
                    f"the services are still {behind.total} messages behind after {seconds:.0f} s ({behind})",
                    "look at `make status` and `make logs` for a service that is stuck",
                )
            await asyncio.sleep(POLL)
        return time.monotonic() - started
