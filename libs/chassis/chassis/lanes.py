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
        self._turn = asyncio.Event()
        """Set when bulk may have got its turn."""

    @property
    def closed(self) -> bool:
        return self._closing.is_set()

    def close(self) -> None:
        """No new batch starts; those in hand finish."""
        self._closing.set()
        self._turn.set()

    async def sleep(self, seconds: float, woken: asyncio.Event | None = None) -> None:
        """Sleeps, but not past `close`, nor past `woken`."""
        ends = [asyncio.ensure_future(event.wait()) for event in (self._closing, woken) if event is not None]
        try:
            await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()

    @asynccontextmanager
    async def live(self) -> AsyncIterator[None]:
        self._live += 1
        try:
            async with self._slots:
                yield
        finally:
            self._live -= 1
            self._since_bulk += 1
            if self._bulks_turn:
                self._turn.set()

    @asynccontextmanager
    async def bulk(self) -> AsyncIterator[bool]:
        """Waits for bulk's turn; yields whether a batch may be taken, which is so unless the gate is closed."""
        async with self._bulk:
            while not (self.closed or self._bulks_turn):
                self._turn.clear()
                await self._turn.wait()
            yield not self.closed

    @property
    def _bulks_turn(self) -> bool:
        return not self._live or self._since_bulk >= LIVE_PER_BULK

    def took_bulk(self) -> None:
        """Counts a bulk batch against the share. Looking into an empty partition costs nothing of it, or a batch
        in one partition of sixteen would wait sixteen times as long."""
        self._since_bulk = 0
