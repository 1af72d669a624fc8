"""Does what a person's unsubscribe link says: no more marketing to the address that the message went to."""

from datetime import datetime
from uuid import UUID

from chassis.database import Tx
from chassis.errors import NotFound

from dispatch_service.store import suppressions

REASON, PURPOSE = "unsubscribed", "marketing"


async def unsubscribe(tx: Tx, message_id: UUID | None, now: datetime) -> None:
    """`message_id` is None for a link that we did not make. Raises NotFound."""
    if message_id is None or not await suppressions.close(tx, [message_id], [REASON], PURPOSE, now):
        raise NotFound("this link is not one of ours, or its message is gone", kind="message", id="")
