"""Wakes a loop of this process at once; the loops of other processes find the same work by polling."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

from dispatch_service.domain.messages import Account

POLL_S = 1.0


class Wake:
    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._accounts: set[Account] = set()
        self._everywhere = False

    def now(self, accounts: Iterable[Account]) -> None:
        """These accounts have work: naming them saves the woken loop a query."""
        self._accounts.update(accounts)
        self._event.set()

    def after(self, delay: timedelta) -> None:
        """Some account will have work; longer delays are left to polling."""
        if delay.total_seconds() <= 0:
            self._look_everywhere()
        elif delay.total_seconds() < POLL_S:
            asyncio.get_running_loop().call_later(delay.total_seconds(), self._look_everywhere)

    async def wait(self, seconds: float) -> set[Account] | None:
        """The accounts that have work; None, when woken without names or after `seconds`: any may have."""
        try:
            async with asyncio.timeout(min(seconds, POLL_S)):
                await self._event.wait()
        except TimeoutError:
            return None
        self._event.clear()
        accounts, self._accounts = self._accounts, set()
        everywhere, self._everywhere = self._everywhere, False
        return None if everywhere else accounts

    def _look_everywhere(self) -> None:
        self._everywhere = True
        self._event.set()
