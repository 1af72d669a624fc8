"""The secrets that services sign with: several at a time, so that one can be replaced while everything runs.

The file holds one secret a line, 64 hexadecimal characters or more. The first signs, all verify. To rotate: add the
new secret as the second line everywhere, then move it to the first, then remove the old one; each step may take as
long as it needs, because a changed file is read again within a second.
"""

import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

LOOK_AGAIN_S = 1.0
_LEAST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Secret:
    key_id: str
    """Names the secret without telling it: the start of its SHA-256."""
    value: bytes


class Keyring:
    """Secrets that do not change."""

    def __init__(self, *values: bytes) -> None:
        if not values:
            raise ValueError("a keyring needs a secret to sign with")
        self._secrets = tuple(Secret(sha256(value).hexdigest()[:8], value) for value in values)

    def signing(self) -> Secret:
        return self.secrets()[0]

    def secrets(self) -> Sequence[Secret]:
        """All that verify, the signing one first."""
        return self._secrets

    def sign(self, message: bytes, purpose: bytes = b"") -> bytes:
        """HMAC-SHA-256 with the signing secret, or with the key that it yields for `purpose`."""
        return _hmac(self.signing(), message, purpose)

    def verifies(self, signature: bytes, message: bytes, purpose: bytes = b"") -> bool:
        """Whether one of the secrets made the signature, of which 16 bytes are enough."""
        return len(signature) >= _LEAST_BYTES and any(
            hmac.compare_digest(signature, _hmac(secret, message, purpose)[: len(signature)])
            for secret in self.secrets()
        )


def _hmac(secret: Secret, message: bytes, purpose: bytes) -> bytes:
    key = hmac.digest(secret.value, purpose, sha256) if purpose else secret.value
    return hmac.digest(key, message, sha256)


class FileKeyring(Keyring):
    """The secrets of a file, read again when it changes. A file that becomes unreadable or malformed changes nothing:
    a half-written secret must not stop a service that works."""

    def __init__(self, path: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._monotonic = monotonic
        self._looked_at = monotonic()
        self._seen = _stamp(path)
        super().__init__(*_read(path))

    def secrets(self) -> Sequence[Secret]:
        now = self._monotonic()
        if now - self._looked_at >= LOOK_AGAIN_S:
            self._looked_at = now
            self._look()
        return self._secrets

    def _look(self) -> None:
        try:
            stamp = _stamp(self._path)
            if stamp != self._seen:
                super().__init__(*_read(self._path))
                self._seen = stamp
        except (OSError, ValueError):
            return


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path) -> list[bytes]:
    values = []
    for number, line in enumerate(path.read_text().split(), 1):
        try:
            value = bytes.fromhex(line)
        except ValueError:
            value = b""
        if len(value) < _LEAST_BYTES:
            raise ValueError(
                f"{path}, secret {number}: wants at least {2 * _LEAST_BYTES} hexadecimal characters"
            )
        values.append(value)
    if not values:
        raise ValueError(f"{path} holds no secret; make one with: openssl rand -hex 32")
    return values
