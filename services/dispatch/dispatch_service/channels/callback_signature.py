"""The signature of callbacks that this house defines: hex HMAC-SHA256(secret, "<unix seconds>.<account>." + body)."""

import hmac
from collections.abc import Mapping
from hashlib import sha256

from chassis.clock import Clock, to_ms

from dispatch_service.ports import CallbackRefused

TOLERANCE_S = 300
"""How far a callback's timestamp may be from now."""


class CallbackSignature:
    def __init__(self, prefix: str, secret: bytes, clock: Clock) -> None:
        """`prefix` of the headers, in lower case: `x-sandbox` for `x-sandbox-signature`."""
        self._timestamp, self._account = f"{prefix}-timestamp", f"{prefix}-account"
        self._signature = f"{prefix}-signature"
        self._secret = secret
        self._clock = clock

    def headers(self, account: str, body: bytes) -> dict[str, str]:
        timestamp = str(to_ms(self._clock.now()) // 1000)
        return {
            self._timestamp: timestamp,
            self._account: account,
            self._signature: self._sign(timestamp, account, body),
        }

    def verify(self, account: str, headers: Mapping[str, str], body: bytes) -> None:
        """`headers` by lower-case name. Raises CallbackRefused."""
        timestamp = headers.get(self._timestamp, "")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
            raise CallbackRefused("the timestamp is missing or malformed")
        expected = self._sign(timestamp, account, body)
        given = headers.get(self._signature, "")
        if headers.get(self._account) != account or not hmac.compare_digest(
            expected.encode(), given.encode("utf-8", "replace")
        ):
            raise CallbackRefused("the signature is not this account's")
        if abs(to_ms(self._clock.now()) // 1000 - int(timestamp)) > TOLERANCE_S:
            raise CallbackRefused("the timestamp is too far from now")

    def _sign(self, timestamp: str, account: str, body: bytes) -> str:
        return hmac.digest(self._secret, f"{timestamp}.{account}.".encode() + body, sha256).hex()
