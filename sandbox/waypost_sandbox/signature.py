"""The signature both directions share: calls to the sandbox and its callbacks.

hex HMAC-SHA256(secret, "<timestamp>.<account>." + body)
"""

import hmac
import re
from collections.abc import Mapping
from hashlib import sha256

TIMESTAMP = "X-Sandbox-Timestamp"
ACCOUNT = "X-Sandbox-Account"
SIGNATURE = "X-Sandbox-Signature"
TOLERANCE = 300

# No dot: with one, "a" + ".b" and "a.b" + "" would carry the same signature.
_ACCOUNT = re.compile(r"[A-Za-z0-9_:-]{1,64}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


class SignatureInvalid(Exception):
    """The signature is missing or does not match."""


class TimestampExpired(Exception):
    """The signature is right, its timestamp too far from now."""


def sign(secret: bytes, timestamp: int, account: str, body: bytes) -> str:
    return hmac.new(secret, f"{timestamp}.{account}.".encode() + body, sha256).hexdigest()


def headers(
    secret: bytes, timestamp: int, account: str, body: bytes, prefix: str = "X-Sandbox"
) -> dict[str, str]:
    return {
        f"{prefix}-Timestamp": str(timestamp),
        f"{prefix}-Account": account,
        f"{prefix}-Signature": sign(secret, timestamp, account, body),
    }


def verify(secret: bytes, given: Mapping[str, str], body: bytes, now: int) -> str:
    """The account that signed the body."""
    account, timestamp = given.get(ACCOUNT, ""), given.get(TIMESTAMP, "")
    if not _ACCOUNT.fullmatch(account) or not _TIMESTAMP.fullmatch(timestamp):
        raise SignatureInvalid
    expected = sign(secret, int(timestamp), account, body)
    if not hmac.compare_digest(expected.encode(), given.get(SIGNATURE, "").encode("utf-8", "replace")):
        raise SignatureInvalid
    if abs(now - int(timestamp)) > TOLERANCE:
        raise TimestampExpired
    return account
