"""What every change by a call does: once for a request id, and told on PROFILE after the commit."""

import asyncio
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
Told = tuple[Response, Sequence[bytes]]
"""The answer, and what follows for PROFILE."""


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
    work: Callable[[Tx], Awaitable[Told[Response]]],
    **transaction: Any,
) -> Response:
    """`transaction`: keyed and opening, as `Database.run` takes them."""
    rows: list[Row] = []
    partition = partition_of(request)

    async def run(tx: Tx) -> Response:
        # What an attempt before wrote was taken back.
        rows.clear()

        async def fresh() -> Response:
            response, records = await work(tx)
            rows.extend(await outbox.add(tx, "live", partition, [Outgoing("PROFILE", records)]))
            return response

        return await once(tx, request, response_type, fresh)

    response = await database.run(context.current().workspace_id, run, **transaction)
    with suppress(BrokerUnavailable):  # committed: the relay publishes them
        await asyncio.shield(outbox.publish(rows))
    return response


def partition_of(request: Any) -> int:
    return bucket_of((request.request_id or str(new_id())).encode()) % PARTITIONS


def records_of(outgoing: Sequence[Outgoing]) -> list[bytes]:
    return [record for one in outgoing for record in one.records]
