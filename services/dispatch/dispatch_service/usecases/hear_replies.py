"""Does what people reply: whoever writes a word of opting out gets no more marketing at that address."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from chassis import workspace_lock
from chassis.bus import PARTITIONS
from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.ids import derived_id
from chassis.outbox import Outbox, Outgoing, Row

from dispatch_service.domain.opt_out_words import may_opt_out, opts_out
from dispatch_service.ports import ContactKeys, Reply
from dispatch_service.store import opt_out_words, suppressions
from dispatch_service.store.suppressions import ClosedByReply
from dispatch_service.usecases.settle import publish
from dispatch_service.usecases.unsubscribe import PURPOSE, REASON


class HearReplies:
    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        clock: Clock,
        keys: ContactKeys,
        encode: Callable[[ClosedByReply, datetime], bytes],
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._keys = keys
        self._encode = encode

    async def __call__(self, workspace_id: UUID, channel: str, replies: Sequence[Reply]) -> int:
        """How many addresses were closed. A reply that comes again changes nothing. Raises ServiceError when it cannot
        be told whose address it is: the provider comes again."""
        now, closing = self._clock.now(), []
        short = [reply for reply in replies if may_opt_out(reply.text)]
        if not short:
            return 0
        async with self._database.transaction(workspace_id) as tx:
            words = (await opt_out_words.in_force(tx)).words
        for reply in short:
            if not opts_out(reply.text, words):
                continue
            key = await self._keys.of(workspace_id, channel, reply.address)
            if key is not None:
                said = reply.at.isoformat()
                reply_id = derived_id(str(workspace_id), "reply", channel, key.hex(), said, reply.text)
                closing.append(ClosedByReply(reply_id, channel, key, REASON, min(reply.at, now)))
        if not closing:
            return 0

        async def work(tx: Tx) -> list[Row]:
            await workspace_lock.take_alone(tx)
            fresh = await suppressions.close_addresses(tx, closing, PURPOSE, now)
            records = [self._encode(one, now) for one in fresh]
            if not records:
                return []
            partition = closing[0].contact_key[0] % PARTITIONS
            return await self._outbox.add(tx, "live", partition, [Outgoing("MESSAGE", records)])

        rows = await self._database.run(workspace_id, work)
        await publish(self._outbox, rows)
        return len(closing)
