"""Keys and ciphers: data keys of one workspace, used by gateway and profile only.

Sealed form: `version(1) | key id length(1) | key id | nonce(12) | ciphertext and tag`, AES-256-GCM. Version 1 names the
master key that the data key is derived from, version 2 a random data key (data_keys.py). The associated data binds a
ciphertext to its workspace and place, so it cannot be moved to another row.
"""

import hmac
import os
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chassis.data_keys import DataKeys
from chassis.errors import DataKeyUnknown

_DERIVED = 1
_RANDOM = 2


class KeyProvider(Protocol):
    """Port to where master keys live (a file here; a KMS in production)."""

    def active_key_id(self) -> str:
        """The key that seals from now on; it may change, and old ones keep opening."""
        ...

    def index_key_id(self) -> str:
        """The key that blind indexes are made with; it never changes, or no stored index would match again."""
        ...

    def derive(self, key_id: str, workspace_id: UUID, purpose: str) -> bytes:
        """32 bytes that only this workspace and purpose have. KeyError for an unknown key id."""
        ...

    def wrap(self, workspace_id: UUID, key_id: UUID, key: bytes) -> bytes:
        """A data key as it may be stored, under the active key."""
        ...

    def unwrap(self, workspace_id: UUID, key_id: UUID, wrapped: bytes) -> bytes:
        """The data key; SealError when it cannot be had."""
        ...

    def wrapped_by(self, wrapped: bytes) -> str:
        """The id of the master key."""
        ...


class FileKeyProvider:
    """Master keys from a JSON file `{"active": id, "index": id, "keys": {id: base64}}` with mode 0600, or 0640 where the
    service reads it as a member of its group, as mounted secrets are read.

    To rotate: add a key, make it `active`, leave `index` at the first key for ever. A file with one key may leave
    `index` out; with several it is not guessed, because a wrong guess would make every stored index useless.
    """

    def __init__(self, path: Path) -> None:
        if path.stat().st_mode & 0o037:
            raise PermissionError(f"{path} is open to others; run: chmod 600 {path}")
        content = msgspec.json.decode(path.read_bytes(), type=_KeysFile)
        index = content.index or (content.active if len(content.keys) == 1 else "")
        if not index:
            raise ValueError(
                f'{path} holds several keys: name in "index" the one that blind indexes were made with'
            )
        for name in (content.active, index):
            if name not in content.keys:
                raise ValueError(f"{path} names the key {name} and does not hold it")
        if short := [name for name, key in content.keys.items() if len(key) < 32]:
            raise ValueError(f"{path}: keys shorter than 32 bytes: {', '.join(short)}")
        self._active, self._index, self._keys = content.active, index, content.keys

    def active_key_id(self) -> str:
        return self._active

    def index_key_id(self) -> str:
        return self._index

    def derive(self, key_id: str, workspace_id: UUID, purpose: str) -> bytes:
        info = f"waypost/{workspace_id}/{purpose}".encode()
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(self._keys[key_id])

    def wrap(self, workspace_id: UUID, key_id: UUID, key: bytes) -> bytes:
        return _seal(
            _DERIVED, self._active.encode(), self._wrapper(self._active, workspace_id), key, key_id.bytes
        )

    def unwrap(self, workspace_id: UUID, key_id: UUID, wrapped: bytes) -> bytes:
        try:
            _, master, rest = _parts(wrapped)
            return _opened(self._wrapper(master.decode(), workspace_id), rest, key_id.bytes)
        except Exception as error:
            raise SealError("the data key cannot be unwrapped with the keys at hand") from error

    def wrapped_by(self, wrapped: bytes) -> str:
        return _parts(wrapped)[1].decode()

    def _wrapper(self, master: str, workspace_id: UUID) -> AESGCM:
        return AESGCM(self.derive(master, workspace_id, "wrap"))


class _KeysFile(msgspec.Struct):
    active: str
    keys: dict[str, bytes]
    index: str = ""


class SealError(Exception):
    """The ciphertext is damaged, was made for another place, or its key is gone."""


def _seal(version: int, key_id: bytes, cipher: AESGCM, plain: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(12)
    return bytes([version, len(key_id)]) + key_id + nonce + cipher.encrypt(nonce, plain, bound)


def _parts(sealed: bytes) -> tuple[int, bytes, bytes]:
    """Version, key id, and nonce with ciphertext."""
    end = 2 + sealed[1]
    return sealed[0], sealed[2:end], sealed[end:]


def _opened(cipher: AESGCM, rest: bytes, bound: bytes) -> bytes:
    return cipher.decrypt(rest[:12], rest[12:], bound)


class WorkspaceCipher:
    """Seals, opens and indexes the personal data of one workspace."""

    def __init__(self, provider: KeyProvider, workspace_id: UUID, data_keys: DataKeys | None = None) -> None:
        self._provider = provider
        self._workspace_id = workspace_id
        self._data_keys = data_keys
        self._active = provider.active_key_id()
        self._derived: dict[str, AESGCM] = {}
        self._index_key = provider.derive(provider.index_key_id(), workspace_id, "blind-index")
        self._search_key = provider.derive(provider.index_key_id(), workspace_id, "search-index")

    def seal(self, plain: bytes, place: bytes) -> bytes:
        version, key_id, cipher = self._sealing()
        return _seal(version, key_id, cipher, plain, self._bound(place))

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """The plain bytes; SealError when they cannot be had, DataKeyUnknown when not yet."""
        try:
            version, key_id, rest = _parts(sealed)
            return _opened(self._opening(version, key_id), rest, self._bound(place))
        except (SealError, DataKeyUnknown):
            raise
        except Exception as error:
            raise SealError("cannot be opened with the keys at hand") from error

    def sealed_by(self) -> bytes:
        """What everything that is sealed now begins with: its version and key."""
        version, key_id, _ = self._sealing()
        return bytes([version, len(key_id)]) + key_id

    def blind_index(self, kind: str, value: str) -> bytes:
        """16 bytes equal for equal (kind, value) of this workspace; HMAC-SHA-256, cut."""
        return hmac.digest(self._index_key, f"{kind}\x1f{value}".encode(), sha256)[:16]

    def search_token(self, kind: str, part: str) -> bytes:
        """8 bytes equal for equal parts of values, under a key of their own."""
        return _token(self._search_key, kind, part)

    def _sealing(self) -> tuple[int, bytes, AESGCM]:
        found = self._data_keys.sealing(self._workspace_id) if self._data_keys else None
        if found is not None:
            return _RANDOM, found[0].bytes, found[1]
        return _DERIVED, self._active.encode(), self._of_master(self._active)

    def _opening(self, version: int, key_id: bytes) -> AESGCM:
        if version == _DERIVED:
            return self._of_master(key_id.decode())
        if version != _RANDOM:
            raise SealError(f"unknown version {version}")
        if self._data_keys is None:
            raise SealError("data keys are not known here")
        found = self._data_keys.opening(self._workspace_id, UUID(bytes=key_id))
        if found is None:
            raise DataKeyUnknown("a data key is not known here yet; try again")
        return found

    def _of_master(self, key_id: str) -> AESGCM:
        if key_id not in self._derived:
            self._derived[key_id] = AESGCM(self._provider.derive(key_id, self._workspace_id, "data"))
        return self._derived[key_id]

    def _bound(self, place: bytes) -> bytes:
        return self._workspace_id.bytes + place


# The same pairs of characters are in many names.
@lru_cache(maxsize=65_536)
def _token(key: bytes, kind: str, part: str) -> bytes:
    return hmac.digest(key, f"{kind}\x1f{part}".encode(), sha256)[:8]


class Ciphers:
    """One WorkspaceCipher a workspace, made on first use."""

    def __init__(self, provider: KeyProvider, data_keys: DataKeys | None = None) -> None:
        self._of = lru_cache(maxsize=10_000)(
            lambda workspace_id: WorkspaceCipher(provider, workspace_id, data_keys)
        )

    def of(self, workspace_id: UUID) -> WorkspaceCipher:
        return self._of(workspace_id)
