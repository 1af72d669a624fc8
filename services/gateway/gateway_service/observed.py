"""ASGI around everything: how long each call took, and the span that the rest of its way hangs below."""

import time
from collections.abc import Collection
from typing import Any

from chassis import semconv, tracing
from chassis.telemetry import accept_traceparent
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway_service import metrics

TRACEPARENT = "waypost.traceparent"
"""Key of the scope: what the records of this call carry."""
_PROBES = ("/livez", "/readyz")
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"}
HUNG_UP = 499


class _Answer:
    """Passes the answer on, and knows its status."""

    __slots__ = ("_send", "status")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = HUNG_UP

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        await self._send(message)


class Observed:
    def __init__(self, application: ASGIApp, unrouted: Collection[str]) -> None:
        """`unrouted`: paths that are answered before the framework looks for their route."""
        self._application = application
        self._unrouted = unrouted
        self._timed: dict[tuple[str, str, int], Any] = {}
        """Histograms by method, route and class of status: looking them up costs more than a lone event can spare."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _PROBES:
            await self._application(scope, receive, send)
            return
        began, answer = time.perf_counter(), _Answer(send)
        try:
            if tracing.is_on():
                await self._follow(scope, receive, answer)
            else:
                scope[TRACEPARENT] = accept_traceparent(_header(scope))
                await self._application(scope, receive, answer)
        finally:
            self._count(scope, answer.status // 100, time.perf_counter() - began)

    async def _follow(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        with tracing.edge(scope["method"], _header(scope)) as (carried, span):
            scope[TRACEPARENT] = carried
            try:
                await self._application(scope, receive, answer)
            finally:
                if span is not None:
                    route = self._route(scope)
                    span.update_name(f"{scope['method']} {route}")
                    span.set_attribute(semconv.HTTP_METHOD, scope["method"])
                    span.set_attribute(semconv.HTTP_ROUTE, route)
                    span.set_attribute(semconv.HTTP_STATUS, answer.status)

    def _count(self, scope: Scope, status: int, took: float) -> None:
        key = (scope["method"], self._route(scope), status)
        timed = self._timed.get(key)
        if timed is None:
            method = key[0] if key[0] in _METHODS else "OTHER"
            timed = metrics.HTTP.labels(method, key[1], f"{status}xx")
            if method == key[0]:
                self._timed[key] = timed
        timed.observe(took)

    def _route(self, scope: Scope) -> str:
        """The template, never the path: what stands in its places may be somebody's id."""
        if scope["path"] in self._unrouted:
            return str(scope["path"])
        route: Any = scope.get("route")
        return str(getattr(route, "path", "other"))


def _header(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return str(value, "latin-1")
    return None
