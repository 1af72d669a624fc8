"""Opaque page tokens: sealed position, bound to the workspace being served and the list's other arguments. A token
grants no access."""

import base64
from typing import Any

import msgspec

from chassis import context
from chassis.errors import InvalidArgument
from chassis.keyring import Keyring

_PURPOSE = b"page-token"
_TAG_BYTES = 16


class Pages:
    def __init__(self, keys: Keyring) -> None:
        self._keys = keys

    def size(self, asked: int, default: int, most: int) -> int:
        """The page size in force; negative sizes are refused, large ones cut."""
        if asked < 0:
            raise InvalidArgument("page_size must not be negative", field="page_size")
        return min(asked or default, most)

    def token(self, position: Any, *bound_to: str) -> str:
        body = msgspec.json.encode(position)
        tag = self._keys.sign(_placed(body, bound_to), _PURPOSE)
        return base64.urlsafe_b64encode(tag[:_TAG_BYTES] + body).decode().rstrip("=")

    def position(self, token: str, *bound_to: str) -> Any:
        """What `token` was given; None for the empty token. Raises InvalidArgument."""
        if not token:
            return None
        try:
            raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            raw = b""
        tag, body = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if not body or not self._keys.verifies(tag, _placed(body, bound_to), _PURPOSE):
            raise InvalidArgument(
                "the page token is not one of this list with these arguments; start from the first page",
                reason="PAGE_TOKEN_INVALID",
                field="page_token",
            )
        return msgspec.json.decode(body)


def _placed(body: bytes, bound_to: tuple[str, ...]) -> bytes:
    # JSON, so that no argument can contain what separates two of them.
    place = msgspec.json.encode((str(context.workspace_served()), *bound_to))
    return place + b"\x00" + body
