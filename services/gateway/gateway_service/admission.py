"""Who may come in how often: requests and events per key or token, and wrong ones per client address.

Every replica counts for itself and grants its share, the limit divided by GATEWAY_REPLICAS: a balancer that spreads a
key's requests evenly gives it the whole limit, one that sends all of them to one replica gives it that share. A
replica that starts counts from nothing.

Wrong keys: an address that has used up its guesses gets 429 for every key that this replica has not seen to be valid,
before any is looked up. Keys in use go on, so that a guesser cannot lock out who shares its address.
"""

import ipaddress
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway_service.problems import Problem
from gateway_service.rate import SECOND, Buckets, Rate, Standing
from gateway_service.settings import Settings
from gateway_service.store.keys import Credential, key_hash

MOST_KEYS = 50_000
MOST_ADDRESSES = 50_000
"""Buckets kept by a replica, about 10 MB each."""
HEADERS = "RateLimit, RateLimit-Policy, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"

Now = Callable[[], int]


class KeyFinder(Protocol):
    async def find(self, key: str) -> Credential | None: ...


@dataclass(slots=True)
class _Caller:
    """The request under way."""

    address: str
    key: bytes = b""
    standing: Standing | None = None
    """Of the fullest use among the buckets that were asked."""
    name: str = ""


_caller: ContextVar[_Caller] = ContextVar("caller")


class Admission:
    """Stands before the keys, so that whoever asks whose key it is has been counted."""

    def __init__(self, keys: KeyFinder, settings: Settings, now: Now = time.monotonic_ns) -> None:
        self._keys = keys
        self._now = now
        share = settings.replicas
        self._requests: Buckets[bytes] = Buckets(
            Rate(settings.requests_per_s, settings.requests_burst).shared_by(share), MOST_KEYS
        )
        self._events: Buckets[bytes] = Buckets(
            Rate(settings.events_per_s, settings.events_burst).shared_by(share), MOST_KEYS
        )
        self._guesses: Buckets[str] = Buckets(
            Rate(settings.wrong_keys_per_s, settings.wrong_keys_burst).shared_by(share), MOST_ADDRESSES
        )
        policies = (("requests", self._requests.rate), ("events", self._events.rate))
        self._policy = ", ".join(
            f'"{name}";q={r.burst};w={_seconds(r.depth)}' for name, r in policies
        ).encode()

    async def find(self, key: str) -> Credential | None:
        """Whose key it is, counted."""
        return await self.counted(key, lambda: self._keys.find(key))

    async def counted(self, key: str, find: Callable[[], Awaitable[Credential | None]]) -> Credential | None:
        """What `find` says of a key or token, one request taken from its bucket. Raises Problem 429 when that is
        empty, or when the client's address has guessed too often."""
        caller = _caller.get()
        caller.key = hashed = key_hash(key)
        if hashed not in self._requests:
            guesses = self._guesses.look(caller.address, self._now())
            if guesses.wait:
                raise refusal(guesses, "too many wrong keys came from this address; use a valid key, or wait")
        try:
            credential = await find()
        except Problem as problem:
            if problem.status == 401:
                self._guesses.take(caller.address, self._now())
            raise
        if credential is None:
            self._guesses.take(caller.address, self._now())
            return None
        self._took(caller, "requests", self._requests.take(hashed, self._now()))
        return credential

    def take_events(self, count: int) -> None:
        """Of the request whose key was found last. Raises Problem 429."""
        caller = _caller.get()
        self._took(caller, "events", self._events.take(caller.key, self._now(), count))

    def _took(self, caller: _Caller, name: str, standing: Standing) -> None:
        known = caller.standing
        if known is None or standing.full_in * known.rate.depth >= known.full_in * standing.rate.depth:
            caller.standing, caller.name = standing, name
        if standing.wait:
            rate = standing.rate
            raise refusal(
                standing, f"this key may send {rate.per_second:g} {name} a second, {rate.burst} at once"
            )

    def around(self, application: ASGIApp) -> ASGIApp:
        """ASGI: tells the answers of requests with a valid key how much is left."""

        async def admitted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await application(scope, receive, send)
                return
            caller = _Caller(address_of(scope))
            _caller.set(caller)

            async def telling(message: Message) -> None:
                if caller.standing and message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], *self._told(caller.name, caller.standing)]
                await send(message)

            await application(scope, receive, telling)

        return admitted

    def _told(self, name: str, standing: Standing) -> list[tuple[bytes, bytes]]:
        """Two fields of draft-ietf-httpapi-ratelimit-headers-09, and the three of its older versions that clients
        know."""
        left, full_in = b"%d" % standing.left, b"%d" % _seconds(standing.full_in)
        return [
            (b"ratelimit", b'"%b";r=%b;t=%b' % (name.encode(), left, full_in)),
            (b"ratelimit-policy", self._policy),
            (b"ratelimit-limit", b"%d" % standing.rate.burst),
            (b"ratelimit-remaining", left),
            (b"ratelimit-reset", full_in),
        ]


def refusal(standing: Standing, detail: str) -> Problem:
    wait = _seconds(standing.wait)
    return Problem(
        429,
        "RATE_LIMITED",
        f"{detail}; try again after {wait} s",
        headers={"Retry-After": str(wait)},
    )


def _seconds(nanoseconds: int) -> int:
    return -(-nanoseconds // SECOND)


def address_of(scope: Scope) -> str:
    """The client's; of IPv6 the network, since a client has 2**64 addresses of one."""
    client = scope.get("client")
    host = str(client[0]) if client else ""
    if ":" not in host:
        return host
    try:
        return str(ipaddress.ip_network((host.partition("%")[0], 64), strict=False))
    except ValueError:
        return host
