"""Tokens of the company's identity provider (OpenID Connect), verified here: signature, issuer, audience, times.

The provider's keys are fetched once and kept: asked for again when a token names a key that is not among them (at most
every ten seconds), and every ten minutes. While the provider cannot be reached the keys at hand go on serving.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from chassis import logs
from chassis.clock import Clock
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway_service.problems import Problem

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
"""What a token may be signed with unless the settings say otherwise; never a shared secret, never nothing."""
LEEWAY_S = 60
"""How far the provider's clock may be from ours."""
REFRESH_S = 600.0
PAUSE_S = 10.0
PATIENCE = aiohttp.ClientTimeout(total=5)
MAX_ANSWER = 1024 * 1024
MAX_TOKEN = 16 * 1024


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whom to believe, and what is to be said."""

    url: str
    audience: str
    algorithms: tuple[str, ...] = ALGORITHMS

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise ValueError(f"the issuer {self.url} must be an https address")
        if not self.audience:
            raise ValueError(
                "an issuer needs an audience, or its tokens for other systems would open this one"
            )
        if odd := [name for name in self.algorithms if name.startswith("HS") or name == "none"]:
            raise ValueError(f"not safe with a provider's public keys: {', '.join(odd)}")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a token speaks of."""

    issuer: str
    subject: str
    email: str
    """Lower case; empty unless the provider has verified it."""


class TokenVerifier:
    def __init__(self, issuer: Issuer, clock: Clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._issuer = issuer
        self._clock = clock
        self._monotonic = monotonic
        self._keys: KeySet | None = None
        self._fetched_at = float("-inf")
        self._asked_at = float("-inf")
        self._asking: asyncio.Task[None] | None = None

    async def verify(self, token: str) -> Person:
        """Whom the token names. Raises Problem 401 that says what is wrong, or 503 without the provider's keys."""
        if len(token) > MAX_TOKEN:
            raise _refused("it is too long")
        keys = await self._current()
        try:
            decoded = self._decode(token, keys)
        except JoseError:
            # The provider may have new keys.
            renewed = await self._current(other_than=keys)
            if renewed is keys:
                raise _refused("its signature or form cannot be verified") from None
            try:
                decoded = self._decode(token, renewed)
            except JoseError as error:
                raise _refused("its signature or form cannot be verified") from error
        except ValueError as error:
            raise _refused("its signature or form cannot be verified") from error
        return self._believed(decoded.claims)

    def _decode(self, token: str, keys: KeySet) -> jwt.Token:
        return jwt.decode(token, keys, algorithms=list(self._issuer.algorithms))

    def _believed(self, claims: dict[str, Any]) -> Person:
        now = self._clock.now().timestamp()
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        expires, begins, subject = claims.get("exp"), claims.get("nbf", 0), claims.get("sub")
        if claims.get("iss") != self._issuer.url:
            raise _refused("it is of another issuer")
        if self._issuer.audience not in audiences:
            raise _refused("it is meant for another audience")
        if not isinstance(expires, int | float) or isinstance(expires, bool) or expires + LEEWAY_S <= now:
            raise _refused("it has expired")
        if not isinstance(begins, int | float) or begins - LEEWAY_S > now:
            raise _refused("it is not valid yet")
        if not isinstance(subject, str) or not subject:
            raise _refused("it names no subject")
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Person(self._issuer.url, subject, email.strip().lower() if isinstance(email, str) else "")

    async def _current(self, other_than: KeySet | None = None) -> KeySet:
        """The provider's keys. With `other_than` newer ones if there may be any, else the same."""
        now = self._monotonic()
        stale = other_than is self._keys if other_than else now - self._fetched_at >= REFRESH_S
        if stale and now - self._asked_at >= PAUSE_S:
            self._asked_at = now
            self._asking = asyncio.create_task(self._fetch())
        if self._asking and (self._keys is None or other_than):
            await asyncio.shield(self._asking)
        if self._keys is None:
            raise Problem(
                503, "PROVIDER_UNAVAILABLE", "the identity provider's keys cannot be fetched; try again"
            )
        return self._keys

    async def _fetch(self) -> None:
        """One question however many tokens wait for the answer; a failure keeps what there is."""
        base = self._issuer.url.rstrip("/")
        try:
            async with aiohttp.ClientSession(timeout=PATIENCE, raise_for_status=True) as http:
                about = await _json(http, f"{base}/.well-known/openid-configuration")
                if about.get("issuer") != self._issuer.url:
                    raise ValueError("the provider says that it is another issuer")
                self._keys = KeySet.import_key_set(await _json(http, about["jwks_uri"]))
            self._fetched_at = self._monotonic()
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError, JoseError) as error:
            logs.get().warning("oidc_keys_not_fetched", issuer=base, error=type(error).__name__)


async def _json(http: aiohttp.ClientSession, url: str) -> Any:
    async with http.get(url, allow_redirects=False) as answer:
        body = await answer.content.read(MAX_ANSWER)
    found = orjson.loads(body)
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found


def _refused(why: str) -> Problem:
    return Problem(
        401, "UNAUTHENTICATED", f"the token is not accepted: {why}", headers={"WWW-Authenticate": "Bearer"}
    )
