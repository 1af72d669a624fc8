"""Control and inspection, for tests and people on the same machine. Unsigned, so loopback only."""

from collections import Counter
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from aiohttp import web

from waypost_sandbox.faults import Faults, Panel, changed
from waypost_sandbox.inbound import json_object, storable
from waypost_sandbox.mails import MailStore
from waypost_sandbox.messages import Refusal, Refused
from waypost_sandbox.receipts import Courier
from waypost_sandbox.store import Store

LARGEST_PAGE = 1_000
Handler = Callable[[web.Request], Awaitable[web.Response]]


class Control:
    def __init__(
        self,
        store: Store,
        mails: MailStore,
        panel: Panel,
        courier: Courier,
        refused: Callable[[], Counter[str]],
    ) -> None:
        self._store, self._mails, self._panel = store, mails, panel
        self._courier, self._refused = courier, refused

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control", _local(self.show)),
            web.put("/control", _local(self.change)),
            web.delete("/control", _local(self.reset)),
            web.post("/control/reply", _local(self.reply)),
            web.get("/control/messages", _local(self.messages)),
            web.delete("/control/messages", _local(self.clear)),
            web.get("/control/mails", _local(self.mails)),
            web.delete("/control/mails", _local(self.clear_mails)),
            web.get("/control/stats", _local(self.stats)),
        ]

    async def show(self, request: web.Request) -> web.Response:
        return web.json_response(self._panel.faults.as_json())

    async def change(self, request: web.Request) -> web.Response:
        return await self._put(changed(self._panel.faults, json_object(await request.read())))

    async def reset(self, request: web.Request) -> web.Response:
        return await self._put(Faults())

    async def _put(self, faults: Faults) -> web.Response:
        self._panel.put(faults)
        await self._store.save_control(self._panel.durable().as_json())
        return web.json_response(faults.as_json())

    async def reply(self, request: web.Request) -> web.Response:
        body = json_object(await request.read())
        number, text = body.get("from"), body.get("text")
        if not isinstance(number, str) or not isinstance(text, str) or not storable(number, text):
            raise Refused(Refusal(400, "BODY_INVALID", "from and text are required."))
        to = await self._store.reply(number, text)
        if to is None:
            raise Refused(Refusal(404, "NOT_THERE", "No message was ever sent to this number."))
        self._courier.expect(to, due=0)
        return web.json_response({"account": to.account, "callback_url": to.url}, status=202)

    async def messages(self, request: web.Request) -> web.Response:
        return web.json_response({"messages": await self._store.messages(*_page(request))})

    async def clear(self, request: web.Request) -> web.Response:
        return web.json_response({"cleared": await self._store.clear()})

    async def mails(self, request: web.Request) -> web.Response:
        return web.json_response({"mails": await self._mails.mails(*_page(request))})

    async def clear_mails(self, request: web.Request) -> web.Response:
        return web.json_response({"cleared": await self._mails.clear()})

    async def stats(self, request: web.Request) -> web.Response:
        limit = _whole(request, "limit", self._panel.faults.rate_limit_per_s)
        return web.json_response({**await self._store.stats(limit), "refused": dict(self._refused())})


def _page(request: web.Request) -> tuple[int, int]:
    """After which row, and how many at most."""
    limit = _whole(request, "limit", LARGEST_PAGE) or LARGEST_PAGE
    return _whole(request, "after", 0) or 0, min(limit, LARGEST_PAGE)


def _whole(request: web.Request, name: str, default: int | None) -> int | None:
    text = request.query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise Refused(Refusal(400, "QUERY_INVALID", f"{name} must be a whole number."))
    return int(text)


def _local(handler: Handler) -> Handler:
    async def guarded(request: web.Request) -> web.Response:
        if not request.remote or not ip_address(request.remote).is_loopback:
            raise Refused(Refusal(403, "LOOPBACK_ONLY", "Control answers on this machine only."))
        return await handler(request)

    return guarded
