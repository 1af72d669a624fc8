"""The first transaction of a send: claims due messages of one account, takes their slots, announces the calls."""

import asyncio
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from chassis.clock import Clock
from chassis.database import Database, Tx

from dispatch_service import metrics
from dispatch_service.domain import limiter
from dispatch_service.domain.messages import Account, Claimed
from dispatch_service.store import attempts, templates
from dispatch_service.store import limiter as limiter_rows

MOST = 500
"""Messages of one claim: as many as one call to profile and journey may ask about."""
MOST_TEMPLATES = 5_000
"""Templates kept in memory, of all workspaces."""
LATE_S = 0.020
"""A call that would leave later than this after its slot takes another slot. The headroom of a limit is some 30 ms
in a second: calls that are no later than this, and some milliseconds on the wire, fit into it."""


@dataclass(frozen=True, slots=True)
class Claim:
    account: Account
    messages: Sequence[Claimed] = ()
    bodies: Mapping[str, templates.Body] = field(default_factory=dict)
    more: bool = False
    """Every slot of the grant was used: the account may have more to send."""
    wait: float = 0.0
    """For how long, in seconds, the account's slots are spoken for."""


class ClaimDue:
    def __init__(self, database: Database, clock: Clock, reserve: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._reserve = reserve
        self._known: dict[tuple[UUID, str], templates.Body] = {}

    async def __call__(self, account: Account) -> Claim:
        async def work(tx: Tx) -> Claim:
            return await self._claim(tx, account)

        return await self._database.run(account.workspace_id, work, keyed=True)

    async def _claim(self, tx: Tx, account: Account) -> Claim:
        # A claim that a crash undoes never led to a call: the second transaction is durable, and comes after it.
        slots = await limiter_rows.lock(tx, account, durable=False)
        if slots is None:
            return Claim(account)
        locked_at = asyncio.get_running_loop().time()
        granted = limiter.grant(slots.next_slot, slots.now, slots.per_second, MOST)
        if granted.count == 0:
            metrics.FULL.labels(account.channel, account.name).inc()
            return Claim(account, more=True, wait=granted.wait.total_seconds())
        now = self._clock.now()
        taken = await attempts.reserve(tx, account, granted, now, now + self._reserve)
        if not taken:
            return Claim(account)
        metrics.SLOTS.labels(account.channel, account.name, "taken").inc(len(taken))
        offsets = [(slot - slots.now).total_seconds() for slot in granted.slots(len(taken))]
        claimed = [
            Claimed(intention, number, locked_at + offset)
            for (intention, number), offset in zip(taken, offsets, strict=True)
        ]
        bodies = await self._bodies(tx, {one.content_id for one, _ in taken})
        return Claim(account, claimed, bodies, more=len(taken) == granted.count)

    async def _bodies(self, tx: Tx, template_ids: Set[str]) -> dict[str, templates.Body]:
        """Templates never change, so one that was read is not read again."""
        known = {
            one: self._known[tx.workspace_id, one]
            for one in template_ids
            if (tx.workspace_id, one) in self._known
        }
        if missing := template_ids - known.keys():
            found = await templates.bodies(tx, missing)
            if len(self._known) > MOST_TEMPLATES:
                self._known.clear()
            self._known.update({(tx.workspace_id, one): body for one, body in found.items()})
            known |= found
        return known


async def other_slots(tx: Tx, account: Account, count: int) -> list[float]:
    """Fresh slots, in the event loop's seconds, for calls that missed theirs."""
    slots = await limiter_rows.lock(tx, account)
    if slots is None:
        raise LookupError(f"the account {account.name} has no limiter")
    locked_at = asyncio.get_running_loop().time()
    metrics.SLOTS.labels(account.channel, account.name, "moved").inc(count)
    first, gap = max(slots.next_slot, slots.now), limiter.spacing(slots.per_second)
    await limiter_rows.keep(tx, account, first + gap * count)
    return [locked_at + (first + gap * n - slots.now).total_seconds() for n in range(count)]
