"""Credentials. Keys are looked up once in five seconds; while the database is away a known key goes on working for
ten minutes, so that ingestion depends on the broker only."""

import asyncio
import base64
import binascii
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import asyncpg
from chassis.clock import Clock
from chassis.errors import DatabaseUnavailable
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway_service.problems import Problem
from gateway_service.store.keys import Credential, KeyStore, key_hash

FRESH_S = 5.0
STALE_S = 600.0
PATIENCE_S = 0.5
"""How long a request with a known key waits for the database before the known answer is taken."""
MOST_KEYS = 50_000
_MOST_KEY_CHARS = 200


@dataclass(frozen=True, slots=True)
class _Known:
    credential: Credential | None
    at: float


class Keys:
    def __init__(self, store: KeyStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Credential | None]] = {}
        self._down_until = 0.0

    async def find(self, key: str) -> Credential | None:
        """Whose key it is; None when nobody's. DatabaseUnavailable for a key never seen while the database is away."""
        if len(key) > _MOST_KEY_CHARS:
            return None
        hashed = key_hash(key)
        now = asyncio.get_running_loop().time()
        known = self._known.get(hashed)
        age = now - known.at if known else STALE_S
        if known is None or age >= STALE_S or (known.credential is None and age > FRESH_S):
            return self._valid(await self._ask(hashed))
        if age > FRESH_S and now > self._down_until:
            known = await self._refreshed(hashed, known)
        return self._valid(known.credential)

    async def _refreshed(self, hashed: bytes, known: _Known) -> _Known:
        try:
            async with asyncio.timeout(PATIENCE_S):
                return _Known(await self._ask(hashed), 0)
        except (DatabaseUnavailable, asyncpg.PostgresError, TimeoutError):
            self._down_until = asyncio.get_running_loop().time() + 1
            return known

    async def _ask(self, hashed: bytes) -> Credential | None:
        """One question to the database per key, however many requests wait for the answer."""
        asking = self._asking.get(hashed)
        if asking is None:
            asking = self._asking[hashed] = asyncio.create_task(self._fetch(hashed))
            asking.add_done_callback(lambda task: self._answered(hashed, task))
        return await asyncio.shield(asking)

    async def _fetch(self, hashed: bytes) -> Credential | None:
        credential = await self._store.find(hashed)
        self._known[hashed] = _Known(credential, asyncio.get_running_loop().time())
        self._known.move_to_end(hashed)
        if len(self._known) > MOST_KEYS:
            self._known.popitem(last=False)
        return credential

    def _answered(self, hashed: bytes, task: asyncio.Task[Credential | None]) -> None:
        self._asking.pop(hashed, None)
        if not task.cancelled():
            task.exception()  # every waiter may have gone; the failure is theirs, not the loop's

    def _valid(self, credential: Credential | None) -> Credential | None:
        if credential and credential.expires_at and credential.expires_at <= self._clock.now():
            return None
        return credential


def write_key_of(authorization: str) -> str | None:
    """The user name of Basic credentials, as Segment's SDKs send it."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return None


def unauthenticated(detail: str, challenge: str) -> Problem:
    return Problem(401, "UNAUTHENTICATED", detail, headers={"WWW-Authenticate": challenge})


_bearer = HTTPBearer(auto_error=False, description="A secret key, `wp_secret_…`")


async def _secret_key(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Credential:
    keys: Keys = request.app.state.keys
    credential = await keys.find(given.credentials) if given else None
    if credential is None or credential.kind != "secret":
        raise unauthenticated("Authorization: Bearer must carry a valid secret key", "Bearer")
    return credential


def needs(scope: str) -> Callable[..., Any]:
    """A dependency: the caller's credential, if it has the scope."""

    async def check(credential: Annotated[Credential, Depends(_secret_key)]) -> Credential:
        if not credential.allows(scope):
            raise Problem(403, "SCOPE_MISSING", f"the key lacks the scope {scope}")
        return credential

    return check
