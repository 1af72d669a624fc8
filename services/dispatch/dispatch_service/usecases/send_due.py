"""The sender: claims due messages, asks once per claim what must be asked, and sets the calls going."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from chassis import logs, tracing
from chassis.clock import Clock
from chassis.crash import crash_point
from chassis.database import FAILURES, Database
from chassis.lanes import LaneGate
from chassis.metrics import beat

from dispatch_service import metrics
from dispatch_service.domain.messages import Account
from dispatch_service.domain.sends import Facts, Rendered, Send, SendPlan, plan_sends
from dispatch_service.domain.settlement import Deferred, Event, Refused
from dispatch_service.ports import Contacts, Renderer, Runs, Unavailable
from dispatch_service.store import queue
from dispatch_service.usecases.call_provider import CallProvider
from dispatch_service.usecases.claim_due import Claim, ClaimDue
from dispatch_service.usecases.settle import Key, Settle, key_of
from dispatch_service.usecases.wake import POLL_S, Wake

IN_HAND = 1_000
"""No more is claimed while this many messages are in hand, all accounts together: a lease must not run out here."""
CHUNK_S = 0.025
"""Calls whose slots lie within this time share their transactions."""
FINISH_S = 10.0
"""How long a stopping sender waits for calls under way."""
T = TypeVar("T")


class SendDue:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        gate: LaneGate,
        wake: Wake,
        claim: ClaimDue,
        contacts: Contacts,
        runs: Runs,
        renderer: Renderer,
        call: CallProvider,
        settle: Settle,
    ) -> None:
        self._database = database
        self._clock = clock
        self._gate = gate
        self._wake = wake
        self._claim = claim
        self._contacts = contacts
        self._runs = runs
        self._renderer = renderer
        self._call = call
        self._settle = settle
        self._in_hand: dict[asyncio.Task[None], int] = {}
        self._room = asyncio.Event()
        self._not_until: dict[Account, float] = {}
        self._looked = 0.0
        self._log = logs.get()

    async def run(self) -> None:
        """Sends until the gate closes; then, or when cancelled, finishes the calls in hand."""
        pause = 0.0
        try:
            while not self._gate.closed:
                beat("sender")
                try:
                    pause = await self._round(await self._wake.wait(pause))
                except FAILURES as error:
                    self._log.warning("sender_waits", detail=str(error))
                    pause = POLL_S
        finally:
            if self._in_hand:
                await asyncio.wait(self._in_hand, timeout=FINISH_S)

    async def sample(self) -> None:
        """Sets the gauges of what is queued."""
        for channel, account, stage, messages in await queue.sizes(self._database):
            metrics.QUEUED.labels(channel, account, stage).set(messages)

    async def _round(self, woken: set[Account] | None) -> float:
        """One claim for each account that has work and free slots; how long the next round may wait, in seconds."""
        loop = asyncio.get_running_loop()
        accounts = woken or set()
        if not woken or loop.time() > self._looked + POLL_S:
            self._looked = loop.time()
            accounts |= set(await queue.accounts_to_send(self._database, self._clock.now()))
        # Whoever waits for slots has more to send.
        accounts |= {one for one, until in self._not_until.items() if until <= loop.time()}
        for account in accounts:
            if self._not_until.get(account, 0.0) > loop.time() or self._gate.closed:
                continue
            self._not_until.pop(account, None)
            await self._wait_for_room()
            claim = await self._claim(account)
            self._begin(claim)
            if claim.more:
                self._not_until[account] = loop.time() + claim.wait
        soonest = min(self._not_until.values(), default=loop.time() + POLL_S)
        return max(0.0, soonest - loop.time())

    async def _wait_for_room(self) -> None:
        while sum(self._in_hand.values()) >= IN_HAND:
            self._room.clear()
            await self._room.wait()

    def _begin(self, claim: Claim) -> None:
        if claim.messages:
            task = asyncio.create_task(self._handle(claim))
            self._in_hand[task] = len(claim.messages)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._in_hand[task]
        self._room.set()
        if not task.cancelled() and (error := task.exception()):
            # Nothing is lost: the reaper finds the leases.
            self._log.error("claim_abandoned", exc_info=error)

    async def _handle(self, claim: Claim) -> None:
        crash_point("dispatch.after_reserve")
        asked_for = [one.intention.traceparent for one in claim.messages]
        with tracing.together("claim", "messages", asked_for):
            facts = await self._facts(claim)
        plan = plan_sends(claim.messages, facts, self._clock.now())
        parts = [self._call(claim.account, chunk) for chunk in _chunks(plan.sends)]
        # Not a task group: what fails in one part must not cut the calls of another.
        outcomes = await asyncio.gather(*parts, self._withhold(claim.account, plan), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _facts(self, claim: Claim) -> Facts:
        workspace_id = claim.account.workspace_id
        intentions = [one.intention for one in claim.messages]
        asked = {(one.identity_id, one.scope) for one in intentions}
        of_runs = [one for one in intentions if one.run_id]
        contacts = asyncio.ensure_future(
            _or_none(lambda: self._contacts.of(workspace_id, claim.account.channel, asked))
        )
        verdicts = asyncio.ensure_future(_or_none(lambda: self._runs.forbidden(workspace_id, of_runs)))
        # One turn of the loop puts both calls on the wire; the texts are rendered while they travel.
        await asyncio.sleep(0)
        rendered = {}
        for one in intentions:
            body = claim.bodies.get(one.content_id)
            if body is None or body.channel != one.channel:
                rendered[one.message_id] = Rendered(problem="template_unknown")
            else:
                rendered[one.message_id] = self._renderer.render(body.content, one)
        return Facts(await contacts, await verdicts, rendered)

    async def _withhold(self, account: Account, plan: SendPlan) -> None:
        """Records the messages that do not go out, or not yet."""
        happened: list[tuple[Key, Event]] = []
        for refusal in plan.refusals:
            happened.append((key_of(refusal.claimed), Refused(refusal.reason)))
        for deferral in plan.deferrals:
            happened.append((key_of(deferral.claimed), Deferred(deferral.reason, deferral.not_before)))
        await self._settle(account.workspace_id, happened)


async def _or_none(ask: Callable[[], Awaitable[T]]) -> T | None:
    try:
        return await ask()
    except Unavailable as error:
        logs.get().warning("peer_silent", detail=str(error))
        return None


def _chunks(sends: Sequence[Send]) -> list[list[Send]]:
    chunks: list[list[Send]] = []
    for send in sorted(sends, key=lambda one: one.claimed.due):
        if not chunks or send.claimed.due > chunks[-1][0].claimed.due + CHUNK_S:
            chunks.append([])
        chunks[-1].append(send)
    return chunks
