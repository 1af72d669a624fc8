"""What all public pages have in common: how often one address may ask, and what a request says of its visitor."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from fastapi import Request
from starlette.types import Scope

from gateway_service.admission import MOST_ADDRESSES, address_of, refusal
from gateway_service.problems import Problem
from gateway_service.rate import Buckets, Rate, Standing
from gateway_service.settings import Settings

MAX_BODY = 64 * 1024
"""Bytes of what a visitor sends."""
MOST_NAMES = 300
"""Fields of what a visitor sends."""
MOST_ANONYMOUS_CHARS = 128
ANONYMOUS_ID = "ajs_aid"
"""The parameter by which analytics.js hands its anonymous id on, and takes one over."""


class PublicRates:
    """Each replica grants its share, as it does of keys."""

    def __init__(self, settings: Settings, now: Callable[[], int] = time.monotonic_ns) -> None:
        self._now = now
        views = Rate(settings.page_views_per_s, settings.page_views_burst)
        posts = Rate(settings.submissions_per_s, settings.submissions_burst)
        self._views: Buckets[str] = Buckets(views.shared_by(settings.replicas), MOST_ADDRESSES)
        self._posts: Buckets[str] = Buckets(posts.shared_by(settings.replicas), MOST_ADDRESSES)

    def take_view(self, scope: Scope) -> None:
        """Raises Problem 429."""
        standing = self._views.take(address_of(scope), self._now())
        if standing.wait:
            raise refusal(standing, "too many pages were asked for from this address")

    def take_post(self, scope: Scope) -> Standing:
        return self._posts.take(address_of(scope), self._now())


async def body_of(request: Request) -> bytes:
    """Raises Problem 413."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_BODY:
            raise Problem(413, "BODY_TOO_LARGE", f"an answer may have {MAX_BODY} bytes at most")
    return bytes(received)


def fields_of(body: bytes) -> dict[str, list[str]]:
    """The fields of a posted form. Raises Problem 400."""
    try:
        return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_NAMES)
    except ValueError as error:
        raise Problem(400, "FIELD_INVALID", f"a form has at most {MOST_NAMES} fields") from error


def anonymous_id(given: Any) -> str:
    """As it was handed over; empty for what cannot be one."""
    text = given if isinstance(given, str) else ""
    return text if 0 < len(text) <= MOST_ANONYMOUS_CHARS and text.isascii() and text.isprintable() else ""


def only_looks_ahead(request: Request) -> bool:
    """A browser that fetches what its user may open next."""
    told = (request.headers.get(name, "") for name in ("sec-purpose", "purpose", "x-moz"))
    return any("prefetch" in one.lower() for one in told)
