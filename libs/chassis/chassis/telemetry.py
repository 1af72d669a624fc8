"""The trace context that every record carries, in W3C traceparent form."""

import re
import secrets

TRACEPARENT_KEY = "traceparent"
"""Of HTTP headers and gRPC metadata."""
TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")


def new_traceparent() -> str:
    """A traceparent with a fresh trace id, of which nobody keeps spans."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"


def accept_traceparent(header: str | None) -> str:
    """The caller's traceparent if it is well formed, else a new one."""
    return header if header and TRACEPARENT.match(header) else new_traceparent()


def sampled(traceparent: str) -> bool:
    """Whether spans of this trace are kept; not, when it cannot be read."""
    return traceparent[-2:] == "01" and bool(TRACEPARENT.match(traceparent))


def unsampled(traceparent: str) -> str:
    """The same, of which nobody keeps spans."""
    return f"{traceparent[:53]}00"
