"""What every change by a call does: once for a request id, and told on PROFILE after the commit."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from chassis import context
from chassis.bus import PARTITIONS
from chassis.database import Database, Tx
from chassis.errors import BrokerUnavailable
from chassis.ids import bucket_of, new_id
from chassis.outbox import Outbox, Outgoing, Row
from chassis.requests import once
from google.protobuf.message import Message

Response = TypeVar("Response", bound=Message)


async def change(
    database: Database, request: Any, response_type: type[Response], work: Callable[[Tx], Awaitable[Response]]
) -> Response:
    async def run(tx: Tx) -> Response:
        return await once(tx, request, response_type, lambda: work(tx))

    return await database.run(context.current().workspace_id, run)


async def change_and_tell(
    database: Database,
    outbox: Outbox,
    request: Any,
    response_type: type[Response],
    work: Callable[[Tx], Awaitable[tuple[Response, Sequence[bytes]]]],
) -> Response:
    """`work` answers with the records for PROFILE too."""
    rows: list[Row] = []
    partition = bucket_of((request.request_id or str(new_id())).encode()) % PARTITIONS

    async def run(tx: Tx) -> Response:
        response, records = await work(tx)
        rows[:] = await outbox.add(tx, "live", partition, [Outgoing("PROFILE", records)])
        return response

    response = await change(database, request, response_type, run)
    with suppress(BrokerUnavailable):  # committed: the relay publishes them
        await outbox.publish(rows)
    return response
