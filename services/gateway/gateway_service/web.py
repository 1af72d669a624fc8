"""The framework's application as we use it: our errors, our names in the document, and a cap on bodies."""

from collections.abc import Iterable
from typing import Any

import asyncpg
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway_service import document, parameters, problems, slashes
from gateway_service.problems import FieldError, Problem

MAX_BODY = 1024 * 1024
"""Of every call that is not ingestion."""


def make() -> FastAPI:
    app = FastAPI(title="Waypost", version="1", docs_url=None, redoc_url=None)
    problems.install(app)
    app.add_exception_handler(UnicodeEncodeError, _on_half_a_character)
    app.add_exception_handler(asyncpg.CharacterNotInRepertoireError, _on_nul)
    described = app.openapi

    def completed() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document.complete(described())
        return app.openapi_schema

    app.openapi = completed  # type: ignore[method-assign]
    return app


def add(app: FastAPI, routers: Iterable[APIRouter]) -> list[APIRoute]:
    """All routes, put into the application as they stand: those of a router that is included are built a second time,
    while the first request waits."""
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    for route in routes:
        route.unique_id = route.operation_id or route.name
        route.app = slashes.whole(parameters.checked(route, route.app))
    app.router.routes += routes
    return routes


class BodyCap:
    """ASGI: a body larger than MAX_BODY is 413 before it fills the memory."""

    def __init__(self, application: ASGIApp, streamed: str = "") -> None:
        """`streamed` is the path whose posts are read piece by piece, and have a limit of their own."""
        self._application = application
        self._streamed = streamed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == self._streamed:
            await self._application(scope, receive, send)
            return
        received = 0

        async def capped() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY:
                raise HTTPException(413, f"the body may have {MAX_BODY} bytes at most")
            return message

        await self._application(scope, capped, send)


async def _on_half_a_character(request: Request, _error: Exception) -> Response:
    """A lone surrogate survives JSON's escapes but no encoding."""
    field = FieldError(pointer="", reason="lone_surrogate")
    return problems.render(
        request, Problem(400, "FIELD_INVALID", "a text holds half of a surrogate pair", errors=[field])
    )


async def _on_nul(request: Request, _error: Exception) -> Response:
    """What the gateway stores itself; for the other services remote.py says it."""
    field = FieldError(pointer="", reason="nul_character")
    return problems.render(
        request, Problem(400, "FIELD_INVALID", "a text holds the character U+0000", errors=[field])
    )
