"""Credentials. Keys are looked up once in five seconds, which is how long a revoked one may live on at another gateway;
while the database is away a known key goes on working for ten minutes, so that ingestion depends on the broker only."""

import asyncio
import base64
import binascii
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from chassis import logs, metrics
from chassis.clock import Clock
from chassis.database import FAILURES
from chassis.errors import DatabaseUnavailable
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from gateway_service.admission import Admission
from gateway_service.members import Members
from gateway_service.problems import Problem
from gateway_service.store.keys import Credential, KeyStore, key_hash

FRESH_S = 5.0
STALE_S = 600.0
PATIENCE_S = 0.5
"""How long a request with a known key waits for the database before the known answer is taken."""
MOST_KEYS = 50_000
USED_EVERY_S = 60.0
"""Between two notes of when keys were last used."""
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
        self._used: set[UUID] = set()

    async def run(self) -> None:
        """Writes down, for ever, when keys were last used."""
        while True:
            await asyncio.sleep(USED_EVERY_S)
            metrics.beat("keys")
            await self.flush()

    async def flush(self) -> None:
        used, self._used = self._used, set()
        try:
            if used:
                await self._store.used(used, self._clock.now())
        except FAILURES:
            logs.get().warning("key_use_not_noted", keys=len(used))

    def forget(self) -> None:
        """A change of keys counts at once here."""
        self._known.clear()

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
        if credential is None or (credential.expires_at and credential.expires_at <= self._clock.now()):
            return None
        if credential.id:
            self._used.add(credential.id)
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


_bearer = HTTPBearer(
    auto_error=False, description="A secret key, `wp_secret_…`, or a token of the company's identity provider"
)


async def _caller(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Credential:
    """Whose call it is."""
    admission: Admission = request.app.state.admission
    members: Members | None = request.app.state.members
    key = given.credentials if given else ""
    if members and key and not key.startswith("wp_"):
        workspace = request.headers.get("x-waypost-workspace", "")
        credential = await admission.counted(key, lambda: members.credential(key, workspace))
    else:
        credential = await admission.find(key) if key else None
    if credential is None or credential.kind == "write":
        raise unauthenticated("Authorization: Bearer must carry a valid secret key", "Bearer")
    return credential


@dataclass(frozen=True, slots=True)
class Needs:
    """A dependency: the caller's credential, if it has the scope. With a `:write` scope the change is audited."""

    scope: str
    confined: bool = False

    async def __call__(
        self, request: Request, credential: Annotated[Credential, Depends(_caller)]
    ) -> Credential:
        if self.scope.endswith(":write"):
            await request.app.state.audit.begin(request, credential)
        if not credential.allows(self.scope):
            raise Problem(403, "SCOPE_MISSING", f"the scope {self.scope} is needed, and you do not have it")
        if credential.org_units and not self.confined:
            units = ", ".join(credential.org_units[:10])
            raise Problem(
                403,
                "ORG_UNIT_CONFINED",
                f"this shows or changes more than the org units that you are confined to ({units})",
            )
        return credential


def needs(scope: str, *, confined: bool = False) -> Callable[..., Any]:
    """`confined` says that the route shows no more than the credential's org units, and so is open to those who are
    confined to some."""
    return Needs(scope, confined)


def caller() -> Callable[..., Any]:
    """A dependency: the caller's credential, whatever its scopes."""
    return _caller
