"""The two loops behind the sender: the reaper ends leases that ran out, the asker finds out what is unknown."""

import asyncio
from datetime import timedelta

from chassis import logs, metrics
from chassis.clock import Clock
from chassis.database import FAILURES, Database
from chassis.lanes import LaneGate

from dispatch_service.domain.messages import Account
from dispatch_service.domain.settlement import Event, LeaseExpired, NotThere, Silent, Stage
from dispatch_service.ports import Found, NoAnswer, Providers, Unheard
from dispatch_service.store import queue
from dispatch_service.store.queue import Taken
from dispatch_service.usecases.settle import Key, Settle
from dispatch_service.usecases.wake import POLL_S, Wake

MOST = {"lease": 500, "ask": 100}
"""Messages of one round: look-ups are calls to the provider, leases are not."""
HOLD = timedelta(seconds=5)
"""A watcher that dies lets go of its messages after this time."""


class WatchLeases:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        gate: LaneGate,
        providers: Providers,
        settle: Settle,
        call_timeout: timedelta,
        asks: Wake,
        leases: Wake,
    ) -> None:
        self._database = database
        self._clock = clock
        self._gate = gate
        self._providers = providers
        self._settle = settle
        self._hold = HOLD + call_timeout
        self._asks = asks
        self._leases = leases

    async def reap(self) -> None:
        """Returns expired reservations to the queue; a call that outlived its deadline becomes unknown."""
        while not self._gate.closed:
            await self._leases.wait(POLL_S)
            metrics.beat("reaper")
            await self._round("lease")

    async def ask(self) -> None:
        """Asks providers, by our id, about messages that they may have."""
        while not self._gate.closed:
            await self._asks.wait(POLL_S)
            metrics.beat("asker")
            await self._round("ask")

    async def _round(self, stage: Stage) -> None:
        try:
            for account in await queue.accounts_overdue(self._database, stage, self._clock.now()):
                while taken := await self._take(account, stage):
                    events = await self._events(account, stage, taken)
                    keys: list[Key] = [(one.bucket, one.message_id, one.number) for one in taken]
                    await self._settle(account.workspace_id, list(zip(keys, events, strict=True)))
                    if len(taken) < MOST[stage]:
                        break
        except FAILURES as error:
            logs.get().warning("watcher_waits", stage=stage, detail=str(error))

    async def _take(self, account: Account, stage: Stage) -> list[Taken]:
        now = self._clock.now()
        async with self._database.transaction(account.workspace_id) as tx:
            return await queue.take(tx, account, stage, stage, now, now + self._hold, MOST[stage])

    async def _events(self, account: Account, stage: Stage, taken: list[Taken]) -> list[Event]:
        if stage == "lease":
            return [LeaseExpired() for _ in taken]
        return list(await asyncio.gather(*(self._fate(account, one) for one in taken)))

    async def _fate(self, account: Account, one: Taken) -> Event:
        provider = self._providers.of(account.channel, account.name)
        found: Found = NoAnswer("account_unavailable")
        if provider is not None:
            found = await provider.look_up(account, one.message_id)
        match found:
            case Unheard():
                return NotThere()
            case NoAnswer():
                return Silent()
            case _:
                return found
