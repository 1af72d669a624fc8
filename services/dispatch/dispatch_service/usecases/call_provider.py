"""The second transaction, the calls, and the record of their answers; no transaction is open during a call."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chassis import semconv, tracing, workspace_lock
from chassis.clock import Clock
from chassis.crash import crash_point
from chassis.database import Database, Tx
from chassis.errors import ServiceError

from dispatch_service import metrics
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
MOST_MOVES = 2
"""How often the calls of one chunk may change their slots."""


class CallProvider:
    def __init__(self, database: Database, clock: Clock, providers: Providers, settle: Settle) -> None:
        self._database = database
        self._clock = clock
        self._providers = providers
        self._settle = settle
        self._lines: dict[Account, asyncio.Semaphore] = {}
        """Calls beyond the provider's lines wait here, where no time-out runs yet."""

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
        # A call that leaves later than this might still be under way at its deadline.
        until = asyncio.get_running_loop().time() + provider.call_timeout.total_seconds()
        calls, closed = await self._begin(account, chunk, provider.call_timeout)
        crash_point("dispatch.before_call")
        pending = await self._pace(account, provider, calls, until)
        await self._settle(account.workspace_id, closed)
        while pending:
            done, pending = await asyncio.wait(pending, timeout=RECORD_EVERY_S)
            if done:
                crash_point("dispatch.after_call")
                await self._settle(account.workspace_id, [task.result() for task in done])

    async def _begin(
        self, account: Account, chunk: Sequence[Send], call_timeout: timedelta
    ) -> tuple[list[Send], list[tuple[Key, Event]]]:
        """The calls that are to be made, and the refusals of those whose address is closed to them."""

        async def work(tx: Tx) -> tuple[list[Send], list[tuple[Key, Event]]]:
            loop = asyncio.get_running_loop()
            late = [s for s in chunk if s.claimed.due < loop.time() - LATE_S]
            on_time = [s for s in chunk if s.claimed.due >= loop.time() - LATE_S]
            if late:
                moved = await other_slots(tx, account, len(late))
                late = [_at(send, due) for send, due in zip(late, moved, strict=True)]
            sends, now = [*on_time, *late], self._clock.now()
            waits = [timedelta(seconds=max(send.claimed.due - loop.time(), 0.0)) for send in sends]
            # Twice the time-out after the slot: a call's own answer comes before the reaper.
            deadlines = [now + wait + 2 * call_timeout for wait in waits]
            ours = await attempts.begin_calls(tx, account.channel, sends, deadlines, now)
            reasons = [(send, ours.get(send.claimed.intention.message_id)) for send in sends]
            closed: list[tuple[Key, Event]] = [
                (key_of(send.claimed), _closed(send, reason, now)) for send, reason in reasons if reason
            ]
            return [send for send, reason in reasons if reason == ""], closed

        # Whoever tells of a withdrawal waits for this to end, so that no call begins once it is acknowledged.
        opening = workspace_lock.shared(account.workspace_id)
        return await self._database.run(account.workspace_id, work, keyed=True, opening=opening)

    async def _pace(
        self, account: Account, provider: Provider, sends: Sequence[Send], until: float
    ) -> set[asyncio.Task[tuple[Key, Event]]]:
        """Starts each call at its slot. Calls of a process that was held up take other slots rather than crowd
        somebody else's second; after a few times they go all the same: a machine too slow for its slots must not
        stop sending."""
        loop, calls, moves = asyncio.get_running_loop(), set(), 0
        lines = self._lines.setdefault(account, asyncio.Semaphore(provider.lines))
        waiting = sorted(sends, key=lambda one: one.claimed.due)
        while waiting:
            now = loop.time()
            if moves < MOST_MOVES and waiting[0].claimed.due < now - LATE_S:
                moves += 1
                waiting = await self._moved(account, waiting, now)
                continue
            if waiting[0].claimed.due > now:
                await asyncio.sleep(waiting[0].claimed.due - now)
                continue
            await lines.acquire()
            calls.add(asyncio.create_task(self._call(account, provider, waiting.pop(0), until, lines)))
            # Lets the call leave before the clock is read for the next one.
            await asyncio.sleep(0)
        return calls

    async def _moved(self, account: Account, waiting: Sequence[Send], now: float) -> list[Send]:
        late = [one for one in waiting if one.claimed.due < now - LATE_S]
        try:
            async with self._database.transaction(account.workspace_id) as tx:
                slots = await other_slots(tx, account, len(late))
        except ServiceError:
            return list(waiting)
        moved = [_at(send, due) for send, due in zip(late, slots, strict=True)]
        return sorted([*waiting[len(late) :], *moved], key=lambda one: one.claimed.due)

    async def _call(
        self, account: Account, provider: Provider, send: Send, until: float, lines: asyncio.Semaphore
    ) -> tuple[Key, Event]:
        try:
            if asyncio.get_running_loop().time() > until:
                return key_of(send.claimed), Deferred("held_up", self._clock.now())
            result = await _sent(account, provider, send)
        finally:
            lines.release()
        return key_of(send.claimed), _event(send, result, self._clock.now())


async def _sent(account: Account, provider: Provider, send: Send) -> Result:
    began, intention = asyncio.get_running_loop().time(), send.claimed.intention
    attributes = {
        semconv.CHANNEL: account.channel,
        semconv.ACCOUNT: account.name,
        semconv.MESSAGE: str(intention.message_id),
        semconv.RUN: intention.run_id,
        semconv.ATTEMPT: send.claimed.number,
    }
    with tracing.follow(f"call {account.channel}", intention.traceparent, "client", attributes):
        result = await provider.send(account, send)
        outcome = _OUTCOMES[type(result)]
        tracing.mark(semconv.OUTCOME, outcome)
    took = asyncio.get_running_loop().time() - began
    metrics.CALLS.labels(account.channel, account.name, outcome).observe(took)
    return result


_OUTCOMES = {Taken: "taken", Rejected: "rejected", NotNow: "not_now", NoAnswer: "no_answer"}


def _closed(send: Send, reason: str, now: datetime) -> Event:
    return Deferred(reason, retry_at(send.claimed, now)) if reason == attempts.CHANGED else Refused(reason)


def _at(send: Send, due: float) -> Send:
    return replace(send, claimed=replace(send.claimed, due=due))


def _event(send: Send, result: Result, now: datetime) -> Event:
    match result:
        case Taken():
            return Accepted(result.provider_id)
        case Rejected():
            return Refused(f"provider:{result.code}", result.code, result.closes)
        case NotNow():
            return Deferred(result.code, retry_at(send.claimed, now, result.pause))
        case NoAnswer():
            return Lost(result.code)
