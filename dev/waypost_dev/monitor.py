"""Brings back what dies without being asked to, ever more slowly when it keeps dying."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable

from waypost_dev.errors import DevError

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STABLE_SECONDS = 60.0
LOOK_SECONDS = 0.25


class Monitor:
    """Watches names. `dead()` lists those that should run and do not; `revive(name)` starts one and waits for it."""

    def __init__(
        self,
        dead: Callable[[], Iterable[str]],
        revive: Callable[[str], Awaitable[None]],
        say: Callable[[str], None],
    ) -> None:
        self._dead = dead
        self._revive = revive
        self._say = say
        self._pauses: dict[str, float] = {}
        self._died: dict[str, float] = {}
        self._reviving: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        try:
            while True:
                for name in self._dead():
                    if name not in self._reviving:
                        self._reviving[name] = asyncio.create_task(self._bring_back(name))
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            tasks = list(self._reviving.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _next_pause(self, name: str) -> float:
        """Doubles with each death, and starts over after a quiet minute."""
        now = time.monotonic()
        quiet = now - self._died.get(name, -STABLE_SECONDS) >= STABLE_SECONDS
        pause = FIRST_PAUSE if quiet else min(2 * self._pauses.get(name, FIRST_PAUSE), LONGEST_PAUSE)
        self._died[name], self._pauses[name] = now, pause
        return pause

    async def _bring_back(self, name: str) -> None:
        pause = self._next_pause(name)
        self._say(f"{name} died; starting it again in {pause:.1f} s")
        try:
            await asyncio.sleep(pause)
            await self._revive(name)
            self._say(f"{name} is back")
        except DevError as error:
            self._say(str(error))
        finally:
            self._reviving.pop(name, None)
