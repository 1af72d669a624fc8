"""The SMS protocol: send one, send many, look one up."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import web

from waypost_sandbox.faults import Panel
from waypost_sandbox.inbound import json_object, refused, signed_by, storable, withheld
from waypost_sandbox.messages import Accepted, Destination, Message, Refusal, Refused
from waypost_sandbox.receipts import Courier
from waypost_sandbox.store import Order, Store

LARGEST_BATCH = 100
LONGEST_TEXT = 500

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_CHINESE_MOBILE = re.compile(r"\+861[3-9][0-9]{9}")
_MESSAGE_ID = re.compile(r"[!-~]{1,200}")


class Sms:
    def __init__(self, secret: bytes, store: Store, panel: Panel, courier: Courier) -> None:
        self._secret, self._store, self._panel, self._courier = secret, store, panel, courier
        self.refused: Counter[str] = Counter()

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/sms/v1/messages", self.send),
            web.post("/sms/v1/messages:batch", self.send_batch),
            web.get("/sms/v1/messages/{message_id:.+}", self.look_up),
        ]

    async def send(self, request: web.Request) -> web.Response:
        account, body = await self._admit(request)
        if self._panel.cut_before_accept():
            return withheld(request)
        (outcome,) = await self._accept(account, [body])
        if self._cut_after(outcome):
            return withheld(request)
        if isinstance(outcome, Refusal):
            return refused(outcome)
        return web.json_response(_accepted(outcome))

    async def send_batch(self, request: web.Request) -> web.Response:
        account, body = await self._admit(request)
        items = body.get("messages")
        if not isinstance(items, list) or not 1 <= len(items) <= LARGEST_BATCH:
            raise Refused(Refusal(400, "BATCH_SIZE", f"A batch holds 1 to {LARGEST_BATCH} messages."))
        if self._panel.cut_before_accept():
            return withheld(request)
        outcomes = await self._accept(account, items)
        if self._cut_after(*outcomes):
            return withheld(request)
        results = [_result(item, outcome) for item, outcome in zip(items, outcomes, strict=True)]
        return web.json_response({"results": results})

    async def look_up(self, request: web.Request) -> web.Response:
        account = signed_by(self._secret, request, await request.read())
        found = await self._store.look_up(account, request.match_info["message_id"])
        if found is None:
            return refused(Refusal(404, "NOT_THERE", "The account never sent this message_id."))
        return web.json_response(found)

    async def _admit(self, request: web.Request) -> tuple[str, dict[str, object]]:
        raw = await request.read()
        account = signed_by(self._secret, request, raw)
        body = json_object(raw)
        if latency := self._panel.faults.latency_ms:
            await asyncio.sleep(latency / 1_000)
        return account, body

    async def _accept(self, account: str, items: Sequence[object]) -> list[Accepted | Refusal]:
        checked = [self._check(account, item) for item in items]
        faults = self._panel.faults
        messages = [message for message in checked if isinstance(message, Message)]
        orders = [Order(message, faults.fate(message.message_id)) for message in messages]
        stored = await self._store.accept(orders, faults.rate_limit_per_s, faults.quota) if orders else []
        for order, outcome in zip(orders, stored, strict=True):
            if isinstance(outcome, Accepted) and not outcome.duplicate and order.fate.posts:
                to = Destination(order.message.callback_url, account, "receipts")
                self._courier.expect(to, outcome.settles_at)
        in_order = iter(stored)
        outcomes = [next(in_order) if isinstance(message, Message) else message for message in checked]
        self.refused.update(outcome.code for outcome in outcomes if isinstance(outcome, Refusal))
        return outcomes

    def _check(self, account: str, item: object) -> Message | Refusal:
        message = validated(account, item)
        if isinstance(message, Refusal):
            return message
        return self._panel.maintenance(message.message_id) or message

    def _cut_after(self, *outcomes: Accepted | Refusal) -> bool:
        """A countdown step only for a request that newly accepted something: a retry is answered."""
        new = any(isinstance(outcome, Accepted) and not outcome.duplicate for outcome in outcomes)
        return new and self._panel.cut_after_accept()


def validated(account: str, item: object) -> Message | Refusal:
    fields = item if isinstance(item, dict) else {}
    message_id, to, sign_name, text, callback_url = (
        value if isinstance(value := fields.get(name, ""), str) else ""
        for name in ("message_id", "to", "sign_name", "text", "callback_url")
    )
    problem = _problem(message_id, to, sign_name, text, callback_url)
    return problem or Message(account, message_id, to, sign_name, text, callback_url)


def _problem(message_id: str, to: str, sign_name: str, text: str, callback_url: str) -> Refusal | None:
    if not storable(sign_name, text, callback_url):
        return Refusal(400, "BODY_INVALID", "A string holds half a surrogate pair.")
    if not _MESSAGE_ID.fullmatch(message_id):
        return Refusal(400, "MESSAGE_ID_INVALID", "message_id must be 1 to 200 printable ASCII characters.")
    if not sign_name.strip():
        return Refusal(400, "SIGN_MISSING", "sign_name is required.")
    if not text.strip():
        return Refusal(400, "TEXT_EMPTY", "text is required.")
    if len(text) > LONGEST_TEXT:
        return Refusal(400, "TEXT_TOO_LONG", f"text is longer than {LONGEST_TEXT} characters.")
    if not is_number(to):
        return Refusal(400, "NUMBER_INVALID", "to must be E.164, and a mobile if it is Chinese.")
    if not _is_http(callback_url):
        return Refusal(400, "CALLBACK_INVALID", "callback_url must be an http or https address.")
    return None


def is_number(text: str) -> bool:
    return bool((_CHINESE_MOBILE if text.startswith("+86") else _E164).fullmatch(text))


def _is_http(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in ("http", "https") and bool(url.hostname) and url.port != 0
    except ValueError:
        return False


def _accepted(outcome: Accepted) -> dict[str, object]:
    return {"provider_id": outcome.provider_id, "state": "accepted", "duplicate": outcome.duplicate}


def _result(item: object, outcome: Accepted | Refusal) -> dict[str, object]:
    message_id = item.get("message_id") if isinstance(item, dict) else None
    if isinstance(outcome, Refusal):
        return {"message_id": message_id, "status": outcome.status, **outcome.as_json()}
    return {"message_id": message_id, "status": 200, **_accepted(outcome)}
