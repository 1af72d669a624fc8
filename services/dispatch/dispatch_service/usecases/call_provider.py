"""The second transaction, the calls, and the record of their answers; no transaction is open during a call."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chassis.clock import Clock
from chassis.crash import crash_point
from chassis.database import Database, Tx
from chassis.errors import ServiceError

from dispatch_service.domain.messages import Account
from dispatch_service.domain.sends import Send, retry_at
from dispatch_service.domain.settlement import Accepted, Deferred, Event, Lost, Refused
from dispatch_service.ports import NoAnswer, NotNow, Provider, Providers, Rejected, Result, Taken
from dispatch_service.store import attempts
from dispatch_service.usecases.claim_due import LATE_S, other_slots
from dispatch_service.usecases.settle import Key, Settle, key_of

EARLY_S = 0.020
"""The second transaction begins at most this long before its first slot, so that `calling` means calling."""
LEAD_S = 0.015
"""What the second transaction may take without making its first call late."""
RECORD_EVERY_S = 0.1
"""Answers of one chunk are recorded together, but a slow one does not hold up the others for longer."""
TRIES_FOR_SLOT = 2


class CallProvider:
    def __init__(
        self, database: Database, clock: Clock, providers: Providers, settle: Settle, call_timeout: timedelta
    ) -> None:
        self._database = database
        self._clock = clock
        self._providers = providers
        self._settle = settle
        self._call_timeout = call_timeout

    async def __call__(self, account: Account, chunk: Sequence[Send]) -> None:
        """Calls the provider for each message at its slot. Whatever is lost on the way is found by its lease."""
        provider = self._providers.of(account.channel, account.name)
        if provider is None:
            now = self._clock.now()
            await self._settle(
                account.workspace_id,
                [
                    (key_of(s.claimed), Deferred("account_unavailable", retry_at(s.claimed, now)))
                    for s in chunk
                ],
            )
            return
        ahead = chunk[0].claimed.due - asyncio.get_running_loop().time()
        if ahead > EARLY_S:
            await asyncio.sleep(ahead - LEAD_S)
        calls = await self._begin(account, chunk)
        crash_point("dispatch.before_call")
        pending = {asyncio.create_task(self._call(account, provider, send)) for send in calls}
        while pending:
            done, pending = await asyncio.wait(pending, timeout=RECORD_EVERY_S)
            if done:
                crash_point("dispatch.after_call")
                await self._settle(account.workspace_id, [task.result() for task in done])

    async def _begin(self, account: Account, chunk: Sequence[Send]) -> list[Send]:
        async def work(tx: Tx) -> list[Send]:
            loop = asyncio.get_running_loop()
            late = [s for s in chunk if s.claimed.due < loop.time() - LATE_S]
            on_time = [s for s in chunk if s.claimed.due >= loop.time() - LATE_S]
            if late:
                moved = await other_slots(tx, account, len(late))
                late = [_at(send, due) for send, due in zip(late, moved, strict=True)]
            sends, now = [*on_time, *late], self._clock.now()
            deadlines = [self._deadline(now, send.claimed.due - loop.time()) for send in sends]
            ours = await attempts.begin_calls(tx, sends, deadlines, now)
            return [send for send in sends if send.claimed.intention.message_id in ours]

        return await self._database.run(account.workspace_id, work)

    def _deadline(self, now: datetime, wait_s: float) -> datetime:
        """Twice the time-out after the slot: a call's own answer comes before the reaper."""
        return now + timedelta(seconds=max(wait_s, 0.0)) + 2 * self._call_timeout

    async def _call(self, account: Account, provider: Provider, send: Send) -> tuple[Key, Event]:
        try:
            await self._slot(account, send.claimed.due)
        except ServiceError:
            return key_of(send.claimed), Deferred("slot_unavailable", self._clock.now())
        result = await provider.send(account, send)
        return key_of(send.claimed), _event(send, result, self._clock.now())

    async def _slot(self, account: Account, due: float) -> None:
        """Waits for the slot; a process that was held up takes another rather than crowd somebody else's second.
        After a few it calls all the same: a machine too slow for its slots must not stop sending."""
        loop = asyncio.get_running_loop()
        for _ in range(TRIES_FOR_SLOT):
            if due > loop.time():
                await asyncio.sleep(due - loop.time())
            if due >= loop.time() - LATE_S:
                return
            async with self._database.transaction(account.workspace_id) as tx:
                (due,) = await other_slots(tx, account, 1)
        if due > loop.time():
            await asyncio.sleep(due - loop.time())


def _at(send: Send, due: float) -> Send:
    return replace(send, claimed=replace(send.claimed, due=due))


def _event(send: Send, result: Result, now: datetime) -> Event:
    match result:
        case Taken():
            return Accepted(result.provider_id)
        case Rejected():
            return Refused(f"provider:{result.code}", result.code)
        case NotNow():
            return Deferred(result.code, retry_at(send.claimed, now, result.pause))
        case NoAnswer():
            return Lost(result.code)
