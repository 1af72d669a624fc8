"""Takes intentions in: stores them, queues them, and refuses those that no account can carry."""

from collections.abc import Sequence
from datetime import datetime

from chassis.clock import Clock
from chassis.database import Tx

from dispatch_service.domain.messages import Account, Intention, MessageState
from dispatch_service.domain.settlement import Change, Standing
from dispatch_service.ports import Providers
from dispatch_service.store import intentions as rows

TRANSACTIONAL, TRIGGERED, BULK = 0, 1, 2
"""Places in the queue: lower goes first."""


class StoreIntentions:
    def __init__(self, clock: Clock, providers: Providers, default_per_second: int) -> None:
        self._clock = clock
        self._providers = providers
        self._default = default_per_second

    async def __call__(
        self, tx: Tx, intentions: Sequence[Intention], bulk: bool
    ) -> tuple[set[Account], list[Change], datetime]:
        """The accounts that have new work, the messages refused at once, and when that was."""
        now = self._clock.now()
        accounts: set[Account] = set()
        refused: list[Change] = []
        for channel in sorted({one.channel for one in intentions}):
            of_channel = [one for one in intentions if one.channel == channel]
            name = self._providers.route(channel)
            if name is None:
                new = await rows.add_refused(tx, of_channel, "channel_unknown", now)
                refused += [_refused(one, "channel_unknown", now) for one in new]
                continue
            account = Account(tx.workspace_id, channel, name)
            for priority in (TRANSACTIONAL, TRIGGERED, BULK):
                of_priority = [one for one in of_channel if _priority(one, bulk) == priority]
                if of_priority:
                    await rows.add(tx, of_priority, account, priority, self._default, now)
            accounts.add(account)
        return accounts, refused, now


def _priority(intention: Intention, bulk: bool) -> int:
    if bulk:
        return BULK
    return TRANSACTIONAL if intention.purpose == "transactional" else TRIGGERED


def _refused(intention: Intention, reason: str, now: datetime) -> Change:
    standing = Standing(intention, MessageState.QUEUED, None, 0, None, now)
    return Change(standing, state=MessageState.REFUSED, reason=reason)
