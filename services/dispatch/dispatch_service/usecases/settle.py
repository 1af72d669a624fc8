"""Records what became of messages: every answer, silence, receipt and expired lease comes through here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis import logs
from chassis.bus import PARTITIONS, Lane
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.errors import BrokerUnavailable
from chassis.outbox import Outbox, Outgoing, Row

from dispatch_service import metrics
from dispatch_service.domain.messages import Claimed
from dispatch_service.domain.settlement import Change, Event, Stage, plan_settlement
from dispatch_service.store import settlements, suppressions
from dispatch_service.store.suppressions import Closed
from dispatch_service.usecases.wake import Wake

Key = tuple[int, UUID, int]
"""Bucket, message id, attempt number (0: the latest)."""
Encode = Callable[[Change, datetime], bytes]
EncodeOptOut = Callable[[Closed, datetime], bytes]
SAID_BY_RECIPIENTS = frozenset({"unsubscribed", "complaint"})
"""Why an address is closed, where that is a person's word rather than a server's."""


@dataclass(frozen=True, slots=True)
class Settled:
    known: int
    """Messages that exist here."""
    changed: int
    """Messages that reached a new state."""


class Settle:
    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        clock: Clock,
        encode: Encode,
        encode_opt_out: EncodeOptOut,
        wakes: Mapping[Stage, Wake],
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._encode = encode
        self._encode_opt_out = encode_opt_out
        self._wakes = wakes

    async def __call__(self, workspace_id: UUID, happened: Sequence[tuple[Key, Event]]) -> Settled:
        """Applies the events in one transaction and publishes the new states."""
        if not happened:
            return Settled(0, 0)
        now = self._clock.now()

        async def work(tx: Tx) -> tuple[int, list[Change], list[Row]]:
            standings = await settlements.lock(tx, [key for key, _ in happened])
            events = [(message_id, event) for (_, message_id, _), event in happened]
            changes = plan_settlement(standings, events, now)
            if changes:
                await settlements.apply(tx, changes, now)
            rows = await self._announce(tx, changes, now)
            if closing := [change for change in changes if change.closes]:
                ids = [change.standing.intention.message_id for change in closing]
                closed = await suppressions.close(tx, ids, [change.closes for change in closing], "", now)
                rows += await self._pass_on(tx, closed, now)
            return len(standings), changes, rows

        known, changes, rows = await self._database.run(workspace_id, work, keyed=True)
        await publish(self._outbox, rows)
        self._wake(changes, now)
        for change in changes:
            if change.state is not None:
                metrics.SETTLED.labels(change.standing.intention.channel, change.state).inc()
        return Settled(known, sum(change.state is not None for change in changes))

    async def _announce(self, tx: Tx, changes: Sequence[Change], now: datetime) -> list[Row]:
        """One record for each message that reached a state; history's go the bulk lane, as history does."""
        rows: list[Row] = []
        lanes: tuple[tuple[Lane, bool], ...] = (("live", False), ("bulk", True))
        for lane, historical in lanes:
            reached = [
                c for c in changes if c.state is not None and c.standing.intention.historical is historical
            ]
            if reached:
                partition = reached[0].standing.intention.bucket % PARTITIONS
                records = [self._encode(change, now) for change in reached]
                rows += await self._outbox.add(tx, lane, partition, [Outgoing("MESSAGE", records)])
        return rows

    async def _pass_on(self, tx: Tx, closed: Sequence[Closed], now: datetime) -> list[Row]:
        """What recipients said themselves, for the ledger of consents."""
        said = [one for one in closed if one.fresh and one.reason in SAID_BY_RECIPIENTS]
        if not said:
            return []
        records = [self._encode_opt_out(one, now) for one in said]
        partition = said[0].contact_key[0] % PARTITIONS
        return await self._outbox.add(tx, "live", partition, [Outgoing("MESSAGE", records)])

    def _wake(self, changes: Sequence[Change], now: datetime) -> None:
        earliest: dict[Stage, datetime] = {}
        for change in changes:
            place = change.place
            if place is not None and place.stage is not None and place.at is not None:
                earliest[place.stage] = min(earliest.get(place.stage, place.at), place.at)
        for stage, at in earliest.items():
            self._wakes[stage].after(at - now)


def key_of(claimed: Claimed) -> Key:
    return claimed.intention.bucket, claimed.intention.message_id, claimed.number


async def publish(outbox: Outbox, rows: Sequence[Row]) -> None:
    """Right after the commit; a broker that is away gets the rows from the relay later."""
    try:
        await outbox.publish(rows)
    except BrokerUnavailable as error:
        logs.get().warning("publish_waits", detail=error.message)
