"""The trace context that every record carries, in W3C traceparent form."""

import re
import secrets

_TRACEPARENT = re.compile(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")


def new_traceparent() -> str:
    """A sampled traceparent with a fresh trace id."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def accept_traceparent(header: str | None) -> str:
    """The caller's traceparent if it is well formed, else a new one."""
    return header if header and _TRACEPARENT.match(header) else new_traceparent()
