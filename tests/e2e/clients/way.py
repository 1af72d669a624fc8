"""A way to the gateway that sometimes fails, as networks and balancers do, and that counts what went over it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from enum import Enum, auto

import aiohttp
from aiohttp import web


class Fault(Enum):
    BUSY = auto()
    """Refused with 429 before the gateway sees it."""
    LOST_ANSWER = auto()
    """Stored by the gateway, whose answer gets lost: the caller reads 503."""


class Way:
    def __init__(self, target: str, faults: Iterable[Fault]) -> None:
        self.url = ""
        self.statuses: list[int] = []
        """What callers were told, in order."""
        self._target = target
        self._faults = iter(faults)

    async def carry(self, request: web.Request) -> web.Response:
        fault = next(self._faults, None)
        answer = web.Response(status=429, headers={"Retry-After": "1"})
        if fault is not Fault.BUSY:
            answer = await self._forward(request)
        if fault is Fault.LOST_ANSWER:
            assert answer.status == 200
            answer = web.Response(status=503, headers={"Retry-After": "1"})
        self.statuses.append(answer.status)
        return answer

    async def _forward(self, request: web.Request) -> web.Response:
        headers = {k: v for k, v in request.headers.items() if k.lower() not in ("host", "content-length")}
        async with (
            aiohttp.ClientSession(auto_decompress=False) as session,
            session.request(
                request.method, self._target + request.path_qs, data=await request.read(), headers=headers
            ) as answer,
        ):
            return web.Response(
                status=answer.status,
                body=await answer.read(),
                headers={k: v for k, v in answer.headers.items() if k.lower() != "content-length"},
            )


@asynccontextmanager
async def way_to(target: str, *faults: Fault) -> AsyncIterator[Way]:
    """The faults meet the first requests, one each; the others pass."""
    way = Way(target, faults)
    application = web.Application(client_max_size=2**22)
    application.router.add_route("*", "/{path:.*}", way.carry)
    # The body goes on as it came: a proxy that inflated it would hide what the gateway has to do.
    runner = web.AppRunner(application, access_log=None, auto_decompress=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        way.url = f"http://127.0.0.1:{port}"
        yield way
    finally:
        await runner.cleanup()
