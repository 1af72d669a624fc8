"""Every change that comes through the gateway is written down twice: before it is tried, with who asks and the hash of
what was there, and after it, with how it ended. A change that cannot be written down is not made; one whose end is
missing may have been made, and shows as `unknown`.

`auth.needs("….write")` begins an entry, so a route that changes something is audited by naming its scope; `Audited`
ends it, whatever the route, the framework or the other services made of it.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import msgspec
from chassis import logs
from chassis.clock import Clock
from chassis.database import FAILURES
from chassis.errors import ServiceError
from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway_service.problems import Problem, request_id_of
from gateway_service.store.audit import AuditStore, Entry
from gateway_service.store.keys import Credential

_BEGUN = "audit"
_STREAMED = frozenset({"create_import"})
"""Routes that read their body piece by piece; their answer, which is hashed, has the hash of what came."""
_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
Reader = Callable[..., Awaitable[Any]]


class AuditTrail:
    def __init__(self, store: AuditStore, clock: Clock, routes: Iterable[APIRoute]) -> None:
        """`routes` are all of the application: a change is read before it is made by the GET of its address."""
        self._store = store
        self._clock = clock
        self._readers = _readers(routes)

    async def begin(self, request: Request, credential: Credential) -> None:
        """Writes that the change is asked for. Raises DatabaseUnavailable: then it must not be made."""
        route: APIRoute = request.scope["route"]
        entry = replace(
            self._asked(request, credential),
            body_hash=None if route.name in _STREAMED else _hash(await request.body()),
            before_hash=await self._present(request, route, credential),
        )
        seq, _ = await self._store.append(credential.workspace_id, entry)
        request.scope["state"][_BEGUN] = (credential.workspace_id, seq, entry)

    async def read(self, request: Request, credential: Credential) -> None:
        """Writes that personal data is shown in full. Raises DatabaseUnavailable: then it must not be."""
        asked = self._asked(request, credential)
        seq, _ = await self._store.append(credential.workspace_id, asked)
        await self._store.append(
            credential.workspace_id, replace(asked, of_seq=seq, phase="done", status=200)
        )

    def _asked(self, request: Request, credential: Credential) -> Entry:
        route: APIRoute = request.scope["route"]
        return Entry(
            of_seq=None,
            at=self._clock.now(),
            actor=credential.name,
            action=route.name,
            object=_place(route.path_format, request.path_params),
            phase="asked",
            status=None,
            request_id=request_id_of(request),
            body_hash=None,
            before_hash=None,
            after_hash=None,
        )

    async def _present(self, request: Request, route: APIRoute, credential: Credential) -> bytes | None:
        """The hash of what a GET of the same address answers now; None where there is nothing yet."""
        reader = self._readers.get(_address(route.path_format))
        if reader is None or (request.method == "POST" and not request.path_params):
            return None  # a POST to a list makes something new
        try:
            answer: BaseModel = await reader(**request.path_params, credential=credential)
        except (Problem, ServiceError):
            return None  # not there, or not to be had: the change itself will say so
        return _hash(answer.model_dump_json().encode())

    async def end(self, state: Mapping[str, Any], status: int, body: bytes) -> None:
        """Writes how the change ended."""
        workspace_id, seq, asked = state[_BEGUN]
        phase = "done" if status < 400 else "refused" if status < 500 else "unknown"
        made = _made(body) if phase == "done" else ""
        entry = replace(
            asked,
            of_seq=seq,
            at=self._clock.now(),
            object=f"{asked.object}/{made}" if made and not asked.object.endswith(made) else asked.object,
            phase=phase,
            status=status,
            body_hash=None,
            before_hash=None,
            after_hash=_hash(body) if phase == "done" else None,
        )
        try:
            number, head = await self._store.append(workspace_id, entry)
        except FAILURES as error:
            logs.get().error("audit_end_missing", request_id=asked.request_id, exc_info=error)
            return
        # Whoever keeps the logs keeps a witness of the chain.
        logs.get().info(
            "audit",
            workspace_id=str(workspace_id),
            seq=number,
            hash=head.hex(),
            action=asked.action,
            phase=phase,
        )


class Audited:
    """ASGI around the application: holds the answer to an audited change back until its end is written."""

    def __init__(self, application: ASGIApp, trail: AuditTrail) -> None:
        self._application = application
        self._trail = trail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope.setdefault("state", {})
        held: list[Message] = []

        async def holding(message: Message) -> None:
            if _BEGUN not in state:
                await send(message)
                return
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                body = b"".join(part.get("body", b"") for part in held[1:])
                await self._trail.end(state, held[0]["status"], body)
                for part in held:
                    await send(part)
                held.clear()

        await self._application(scope, receive, holding)


def _readers(routes: Iterable[APIRoute]) -> dict[str, Reader]:
    """Address → what answers a GET of it, where the address says all that is asked."""
    readers = {}
    for route in routes:
        wanted = inspect.signature(route.endpoint).parameters.values()
        known = {"credential", *route.param_convertors}
        if "GET" in (route.methods or ()) and all(
            p.name in known or p.default is not p.empty for p in wanted
        ):
            readers[route.path_format] = route.endpoint
    return readers


def _place(path: str, values: Mapping[str, Any]) -> str:
    """The address that a change is about, without its verb. What is no plain id may tell of a person: hashed."""
    named = {
        name: value if _PLAIN_ID.fullmatch(str(value)) else f"#{sha256(str(value).encode()).hexdigest()[:16]}"
        for name, value in values.items()
    }
    return _address(path).format(**named)


def _address(path: str) -> str:
    """Without the verb."""
    return re.sub(r":[a-zA-Z]+$", "", path)


def _made(body: bytes) -> str:
    """The id of what was made: the first member of the answer that is called an id."""
    try:
        answer = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    if not isinstance(answer, dict):
        return ""
    return next((str(value) for name, value in answer.items() if name.endswith("_id")), "")


def _hash(data: bytes) -> bytes:
    return sha256(data).digest()
