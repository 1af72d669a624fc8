"""An identity provider of its own per test: discovery, keys that can be replaced, tokens of any shape."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from chassis.clock import SystemClock
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

AUDIENCE = "waypost"


class Provider:
    def __init__(self) -> None:
        self.url = ""
        self.keys = [RSAKey.generate_key(2048, {"kid": "one"}), ECKey.generate_key("P-256", {"kid": "two"})]
        self.asked = 0
        self.answers = True
        self.claims_to_be = ""

    def token(
        self, subject: str = "anna", *, key: Any = None, algorithm: str = "RS256", **claims: Any
    ) -> str:
        """A token as the provider signs it; a claim of None is left out."""
        key = key or self.keys[0]
        now = int(SystemClock().now().timestamp())
        said = {"iss": self.url, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 300, **claims}
        given = {name: value for name, value in said.items() if value is not None}
        return jwt.encode({"alg": algorithm, "kid": key.kid}, given, key, algorithms=[algorithm])

    async def discovery(self, _: web.Request) -> web.Response:
        self.asked += 1
        if not self.answers:
            raise web.HTTPServiceUnavailable
        return web.json_response({"issuer": self.claims_to_be or self.url, "jwks_uri": f"{self.url}/keys"})

    async def jwks(self, _: web.Request) -> web.Response:
        return web.json_response(KeySet(self.keys).as_dict(private=False))


@asynccontextmanager
async def running_provider() -> AsyncIterator[Provider]:
    provider = Provider()
    app = web.Application()
    app.add_routes(
        [
            web.get("/.well-known/openid-configuration", provider.discovery),
            web.get("/keys", provider.jwks),
        ]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    provider.url = f"http://{host}:{port}"
    try:
        yield provider
    finally:
        await runner.cleanup()
