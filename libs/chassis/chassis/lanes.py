"""Which batch may run now: live before bulk, bulk never starved, and a clean stop.

A replica takes bulk only when nothing live is in hand, one bulk message at a time; after twenty live batches in a
row, bulk gets one all the same.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

LIVE_PER_BULK = 20


class LaneGate:
    def __init__(self, handlers: int) -> None:
        self._slots = asyncio.Semaphore(handlers)
        self._bulk = asyncio.Lock()
        self._live = 0
        self._since_bulk = 0
        self._closing = asyncio.Event()

    @property
    def closed(self) -> bool:
        return self._closing.is_set()

    def close(self) -> None:
        """No new batch starts; those in hand finish."""
        self._closing.set()

    async def sleep(self, seconds: float) -> None:
        """Sleeps, but not past `close`."""
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return

    @asynccontextmanager
    async def live(self) -> AsyncIterator[None]:
        self._live += 1
        try:
            async with self._slots:
                yield
        finally:
            self._live -= 1
            self._since_bulk += 1

    @asynccontextmanager
    async def bulk(self) -> AsyncIterator[bool]:
        """Yields whether a bulk batch may be taken now."""
        async with self._bulk:
            if self.closed or (self._live and self._since_bulk < LIVE_PER_BULK):
                if not self.closed:
                    await self.sleep(0.01)
                yield False
                return
            yield True

    def took_bulk(self) -> None:
        """Counts a bulk batch against the share. Looking into an empty partition costs nothing of it, or a batch
        in one partition of sixteen would wait sixteen times as long."""
        self._since_bulk = 0
