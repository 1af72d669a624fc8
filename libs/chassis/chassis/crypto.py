"""Keys and ciphers: one data key a workspace, used by gateway and profile only.

Sealed form: `version(1) | key id length(1) | key id | nonce(12) | ciphertext and tag`, AES-256-GCM. The associated
data binds a ciphertext to its workspace and place, so it cannot be moved to another row.
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

_VERSION = 1


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


class _KeysFile(msgspec.Struct):
    active: str
    keys: dict[str, bytes]
    index: str = ""


class SealError(Exception):
    """The ciphertext is damaged, was made for another place, or its key is gone."""


class WorkspaceCipher:
    """Seals, opens and indexes the personal data of one workspace."""

    def __init__(self, provider: KeyProvider, workspace_id: UUID) -> None:
        self._provider = provider
        self._workspace_id = workspace_id
        self._active = provider.active_key_id()
        self._ciphers: dict[str, AESGCM] = {}
        self._index_key = provider.derive(provider.index_key_id(), workspace_id, "blind-index")
        self._search_key = provider.derive(provider.index_key_id(), workspace_id, "search-index")

    def seal(self, plain: bytes, place: bytes) -> bytes:
        key_id = self._active.encode()
        nonce = os.urandom(12)
        header = bytes([_VERSION, len(key_id)]) + key_id + nonce
        return header + self._cipher(self._active).encrypt(nonce, plain, self._bound(place))

    def open(self, sealed: bytes, place: bytes) -> bytes:
        """The plain bytes; SealError when they cannot be had."""
        try:
            if sealed[0] != _VERSION:
                raise SealError(f"unknown version {sealed[0]}")
            end = 2 + sealed[1]
            cipher = self._cipher(sealed[2:end].decode())
            return cipher.decrypt(sealed[end : end + 12], sealed[end + 12 :], self._bound(place))
        except SealError:
            raise
        except Exception as error:
            raise SealError("cannot be opened with the keys at hand") from error

    def blind_index(self, kind: str, value: str) -> bytes:
        """16 bytes equal for equal (kind, value) of this workspace; HMAC-SHA-256, cut."""
        return hmac.digest(self._index_key, f"{kind}\x1f{value}".encode(), sha256)[:16]

    def search_token(self, kind: str, part: str) -> bytes:
        """8 bytes equal for equal parts of values, under a key of their own: many values share a part, so that what is
        found by tokens is looked at before it is shown."""
        return hmac.digest(self._search_key, f"{kind}\x1f{part}".encode(), sha256)[:8]

    def _cipher(self, key_id: str) -> AESGCM:
        if key_id not in self._ciphers:
            self._ciphers[key_id] = AESGCM(self._provider.derive(key_id, self._workspace_id, "data"))
        return self._ciphers[key_id]

    def _bound(self, place: bytes) -> bytes:
        return self._workspace_id.bytes + place


class Ciphers:
    """One WorkspaceCipher a workspace, made on first use."""

    def __init__(self, provider: KeyProvider) -> None:
        self._of = lru_cache(maxsize=10_000)(lambda workspace_id: WorkspaceCipher(provider, workspace_id))

    def of(self, workspace_id: UUID) -> WorkspaceCipher:
        return self._of(workspace_id)
