"""Opaque page tokens: sealed position, bound to the workspace being served and the list's other arguments. A token
grants no access."""

import base64
import hmac
from hashlib import sha256
from typing import Any

import msgspec

from chassis import context
from chassis.errors import InvalidArgument


class Pages:
    def __init__(self, secret: bytes) -> None:
        self._secret = hmac.digest(secret, b"page-token", sha256)

    def size(self, asked: int, default: int, most: int) -> int:
        """The page size in force; negative sizes are refused, large ones cut."""
        if asked < 0:
            raise InvalidArgument("page_size must not be negative", field="page_size")
        return min(asked or default, most)

    def token(self, position: Any, *bound_to: str) -> str:
        body = msgspec.json.encode(position)
        return base64.urlsafe_b64encode(self._tag(body, bound_to) + body).decode().rstrip("=")

    def position(self, token: str, *bound_to: str) -> Any:
        """What `token` was given; None for the empty token. Raises InvalidArgument."""
        if not token:
            return None
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            raw = b""
        tag, body = raw[:16], raw[16:]
        if not body or not hmac.compare_digest(tag, self._tag(body, bound_to)):
            raise InvalidArgument(
                "the page token is not one of this list with these arguments; start from the first page",
                reason="PAGE_TOKEN_INVALID",
                field="page_token",
            )
        return msgspec.json.decode(body)

    def _tag(self, body: bytes, bound_to: tuple[str, ...]) -> bytes:
        # JSON, so that no argument can contain what separates two of them.
        place = msgspec.json.encode((str(context.workspace_served()), *bound_to))
        return hmac.digest(self._secret, place + b"\x00" + body, sha256)[:16]
