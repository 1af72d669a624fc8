"""SMS through the sandbox provider: every workspace is an account of its own there."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

import aiohttp
import msgspec
from chassis.clock import Clock

from dispatch_service.channels.callback_signature import CallbackSignature
from dispatch_service.domain.messages import Account, MessageState
from dispatch_service.domain.sends import Send
from dispatch_service.domain.settlement import Receipt
from dispatch_service.ports import (
    Callback,
    CallbackRefused,
    Found,
    NoAnswer,
    NotNow,
    Rejected,
    Reply,
    Result,
    Taken,
    Unheard,
)
from dispatch_service.settings import Settings

KEEP_ALIVE_S = 30.0
_STATES = {
    "accepted": MessageState.ACCEPTED,
    "delivered": MessageState.DELIVERED,
    "failed": MessageState.FAILED,
}


class _Posted(msgspec.Struct):
    message_id: str
    provider_id: str
    state: str
    error_code: str | None = None


class _Reply(msgspec.Struct):
    text: str
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    address: str = msgspec.field(name="from")


class _Callback(msgspec.Struct):
    account: str
    receipts: list[_Posted] = []
    replies: list[_Reply] = []


class _Answer(msgspec.Struct):
    provider_id: str = ""
    state: str = ""
    code: str = ""
    retry_after_ms: int | None = None


class SandboxSms:
    channel = "sms"
    account = "sandbox"
    lines = 256
    config_schema: ClassVar[Mapping[str, object]] = {
        "type": "object",
        "properties": {
            "url": {"type": "string", "description": "Where the provider answers."},
            "secret": {"type": "string", "description": "Hex key of the signatures.", "writeOnly": True},
            "sign_name": {"type": "string", "description": "Who the message is from."},
        },
        "required": ["url", "secret", "sign_name"],
    }

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._url = f"{settings.sandbox_url.rstrip('/')}/sms/v1/messages"
        self._signature = CallbackSignature("x-sandbox", bytes.fromhex(settings.sandbox_secret), clock)
        self._sign_name = settings.sandbox_sign_name
        self._callbacks = f"{settings.callback_base()}/v1/callbacks/{self.channel}/{self.account}"
        self._timeout = aiohttp.ClientTimeout(total=settings.call_timeout_s)
        self.call_timeout = timedelta(seconds=settings.call_timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, account: Account, send: Send) -> Result:
        body = msgspec.json.encode(
            {
                "message_id": str(send.claimed.intention.message_id),
                "to": send.contact.address,
                "sign_name": self._sign_name,
                "text": send.content.text,
                "callback_url": f"{self._callbacks}.{account.workspace_id}",
            }
        )
        headers = {**self._signature.headers(_name(account), body), "Content-Type": "application/json"}
        try:
            async with self._http().post(self._url, data=body, headers=headers) as response:
                return _result(response.status, await response.read(), response.headers.get("Retry-After"))
        except aiohttp.ClientConnectorError:
            return NotNow("CONNECTION_REFUSED")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return NoAnswer(type(error).__name__)

    async def look_up(self, account: Account, message_id: UUID) -> Found:
        headers = self._signature.headers(_name(account), b"")
        try:
            async with self._http().get(f"{self._url}/{message_id}", headers=headers) as response:
                answer = _decoded(await response.read())
                state = _STATES.get(answer.state)
                if response.status == 200 and state is not None:
                    return Receipt(state, answer.provider_id)
                if response.status == 404 and answer.code == "NOT_THERE":
                    return Unheard()
                return NoAnswer(answer.code or str(response.status))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return NoAnswer(type(error).__name__)

    def parse_callback(self, account: Account, headers: Mapping[str, str], body: bytes) -> Callback:
        self._signature.verify(_name(account), headers, body)
        try:
            callback = msgspec.json.decode(body, type=_Callback)
        except msgspec.DecodeError as error:
            raise CallbackRefused("the body cannot be read") from error
        receipts = [
            (one.message_id, Receipt(_STATES[one.state], one.provider_id, one.error_code or ""))
            for one in callback.receipts
            if one.state in _STATES
        ]
        return Callback(receipts, [Reply(one.address, one.text, one.at) for one in callback.replies])

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _http(self) -> aiohttp.ClientSession:
        """Made on first use, inside the running loop."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S)
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session


def _name(account: Account) -> str:
    """The provider's name of the account; it allows no dot."""
    return f"{account.name}-{account.workspace_id}"


def _decoded(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body, type=_Answer)
    except msgspec.DecodeError:
        return _Answer()


def _result(status: int, body: bytes, retry_after: str | None) -> Result:
    answer = _decoded(body)
    if status == 200 and answer.provider_id:
        return Taken(answer.provider_id)
    if status in (429, 503):
        return NotNow(answer.code or str(status), _pause(answer.retry_after_ms, retry_after))
    if 400 <= status < 500:
        return Rejected(answer.code or str(status))
    return NoAnswer(answer.code or str(status))


def _pause(retry_after_ms: int | None, retry_after: str | None) -> timedelta | None:
    if retry_after_ms is not None:
        return timedelta(milliseconds=max(1, retry_after_ms))
    return timedelta(seconds=int(retry_after)) if retry_after and retry_after.isdecimal() else None
