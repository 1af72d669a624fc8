"""DKIM signatures (RFC 6376): rsa-sha256, relaxed/relaxed."""

import base64
import re
from datetime import datetime
from hashlib import sha256

from chassis.clock import to_ms
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

SIGNED = (
    b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"mime-version", b"content-type",
    b"list-unsubscribe", b"list-unsubscribe-post",
)  # fmt: skip
_HEADER = re.compile(rb"([!-9;-~]+):((?:.*\r\n)(?:[ \t].*\r\n)*)")
_SPACE = re.compile(rb"[ \t]+")


class DkimSigner:
    def __init__(self, domain: str, selector: str, private_key_pem: bytes) -> None:
        """Raises ValueError when the key is no RSA key of at least 1,024 bits in PEM."""
        key = load_pem_private_key(private_key_pem, password=None)
        if not isinstance(key, RSAPrivateKey) or key.key_size < 1024:
            raise ValueError("the DKIM key must be an RSA key of at least 1,024 bits, better 2,048")
        self._key = key
        self._names = f"d={domain}; s={selector}"

    def signed(self, message: bytes, now: datetime) -> bytes:
        """The message, whose lines end in CRLF and whose headers come once each, with its signature as first header."""
        head, _, body = message.partition(b"\r\n\r\n")
        headers = {name.lower(): value for name, value in _HEADER.findall(head + b"\r\n")}
        chosen = [name for name in SIGNED if name in headers]
        body_hash = base64.b64encode(sha256(relaxed_body(body)).digest())
        unsigned = (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; {self._names}; t={to_ms(now) // 1000};\r\n"
            f" h={b':'.join(chosen).decode()};\r\n bh={body_hash.decode()};\r\n b="
        ).encode()
        hashed = [relaxed_header(name, headers[name]) for name in chosen]
        text = b"".join([*hashed, relaxed_header(b"dkim-signature", unsigned)]).removesuffix(b"\r\n")
        signature = base64.b64encode(self._key.sign(text, padding.PKCS1v15(), SHA256()))
        return b"DKIM-Signature: " + unsigned + signature + b"\r\n" + message


def relaxed_header(name: bytes, value: bytes) -> bytes:
    """Section 3.4.2."""
    return name.lower() + b":" + _SPACE.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ") + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """Section 3.4.4."""
    lines = [_SPACE.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)
