"""Idempotent mutations: the same request_id returns the first answer, with another body it is an error."""

from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any, TypeVar

from google.protobuf.message import Message

from chassis.database import Tx
from chassis.errors import InvalidArgument

Response = TypeVar("Response", bound=Message)


async def once(
    tx: Tx, request: Any, response_type: type[Response], work: Callable[[], Awaitable[Response]]
) -> Response:
    """Runs `work` in the caller's transaction unless this request_id was answered; an empty id always runs."""
    if not request.request_id:
        return await work()
    method = request.DESCRIPTOR.full_name
    body_hash = sha256(request.SerializeToString(deterministic=True)).digest()
    await tx.execute(
        "INSERT INTO requests (workspace_id, method, request_id, body_hash) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT DO NOTHING",
        tx.workspace_id, method, request.request_id, body_hash,
    )  # fmt: skip
    # Locks the row: a second call with the id waits here until the first has its answer.
    row = await tx.fetchrow(
        "SELECT body_hash, response FROM requests "
        "WHERE workspace_id = $1 AND method = $2 AND request_id = $3 FOR UPDATE",
        tx.workspace_id, method, request.request_id,
    )  # fmt: skip
    if row["body_hash"] != body_hash:
        raise InvalidArgument(
            "this request_id was used with another body; use a new one",
            reason="REQUEST_ID_REUSED",
            request_id=request.request_id,
        )
    if row["response"] is not None:
        return response_type.FromString(row["response"])
    response = await work()
    await tx.execute(
        "UPDATE requests SET response = $4 WHERE workspace_id = $1 AND method = $2 AND request_id = $3",
        tx.workspace_id, method, request.request_id, response.SerializeToString(),
    )  # fmt: skip
    return response
