"""Does what a person's unsubscribe link says: no more marketing to the address that the message went to."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from chassis import workspace_lock
from chassis.bus import PARTITIONS
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.errors import NotFound
from chassis.ids import bucket_of
from chassis.outbox import Outbox, Outgoing, Row

from dispatch_service.store import suppressions
from dispatch_service.store.suppressions import Closed
from dispatch_service.usecases.settle import publish

REASON, PURPOSE = "unsubscribed", "marketing"


class Unsubscribe:
    def __init__(
        self, database: Database, outbox: Outbox, clock: Clock, encode: Callable[[Closed, datetime], bytes]
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._encode = encode

    async def __call__(self, workspace_id: UUID, message_id: UUID | None) -> None:
        """`message_id` is None for a link that we did not make. Raises NotFound."""
        now = self._clock.now()

        async def work(tx: Tx) -> list[Row]:
            closed = []
            if message_id is not None:
                await workspace_lock.take_alone(tx)
                closed = await suppressions.close(tx, [message_id], [REASON], PURPOSE, now)
            if message_id is None or not closed:
                raise NotFound("this link is not one of ours, or its message is gone", kind="message", id="")
            records = [self._encode(one, now) for one in closed if one.fresh]
            partition = bucket_of(message_id) % PARTITIONS
            return await self._outbox.add(tx, "live", partition, [Outgoing("MESSAGE", records)])

        await publish(self._outbox, await self._database.run(workspace_id, work))
