"""Names with a slash in addresses: `/v1/accounts/acme%2Feu` is the account `acme/eu`, since ids are the callers' own."""

import re
from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Receive, Scope, Send

_STAND_IN = "\uf8ff"
"""For a slash that belongs to a name, while the route is looked for; from the private area, where no ids are."""
_QUOTED = re.compile(rb"%2f", re.IGNORECASE)


class NamesKept:
    """ASGI: the server decodes a path before its parts are told apart, so this does it anew."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = scope.get("raw_path") or b""
        if scope["type"] == "http" and _QUOTED.search(raw):
            scope["path"] = unquote(_QUOTED.sub(quote(_STAND_IN).encode(), raw).decode("ascii"))
        await self._application(scope, receive, send)


def whole(endpoint: ASGIApp) -> ASGIApp:
    """A route's application, with the slashes where they were."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        if _STAND_IN in scope["path"] and _QUOTED.search(scope["raw_path"]):
            scope["path"] = scope["path"].replace(_STAND_IN, "/")
            scope["path_params"] = {n: v.replace(_STAND_IN, "/") for n, v in scope["path_params"].items()}
        await endpoint(scope, receive, send)

    return run
