"""Receipts and replies of providers. They carry no key of ours: the account names the workspace, and dispatch
verifies the provider's own signature over the headers and the exact bytes."""

from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel
from waypost.dispatch.v1 import message_service_pb2 as pb

from gateway_service.problems import Problem
from gateway_service.remote import Remote
from gateway_service.routes._answers import PROBLEMS

MAX_BODY = 256 * 1024
MAX_HEADERS = 64


class CallbackAnswer(BaseModel):
    recorded: int
    """Receipts that changed a message."""
    unknown: int
    """Receipts for messages that are not known here."""
    opted_out: int
    """Replies that ask for no more messages."""


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["callbacks"], responses=PROBLEMS)

    @routes.post("/callbacks/{channel}/{account}")
    async def record_callback(channel: str, account: str, request: Request) -> CallbackAnswer:
        name, workspace_id = _account(account)
        body = await _body(request)
        message = pb.RecordCallbackRequest(
            channel=channel, account=name, headers=_headers(request), body=body
        )
        answer = await remote.call_for("dispatch", "RecordCallback", message, workspace_id)
        return CallbackAnswer(recorded=answer.recorded, unknown=answer.unknown, opted_out=answer.opted_out)

    return routes


def _account(text: str) -> tuple[str, UUID]:
    name, _, workspace = text.rpartition(".")
    try:
        if name and len(workspace) == 36:
            return name, UUID(workspace)
    except ValueError:
        pass
    raise Problem(404, "NOT_FOUND", "an account is named <name>.<workspace id>")


def _headers(request: Request) -> dict[str, str]:
    """By lower-case name; the first of a repeated one counts."""
    found: dict[str, str] = {}
    for name, value in request.headers.items()[:MAX_HEADERS]:
        found.setdefault(name, value)
    return found


async def _body(request: Request) -> bytes:
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BODY:
            raise Problem(413, "BODY_TOO_LARGE", f"a callback may have {MAX_BODY} bytes at most")
    return bytes(received)
