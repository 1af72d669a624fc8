"""Random data keys of workspaces, in memory: what a process has learnt of those that the key table holds.

A key is stored wrapped by the provider's master key. It opens as soon as a process knows it, and seals only from a
moment on that lies far enough ahead for every process to have learnt it: so nobody meets a ciphertext that it cannot
open. A workspace without such a key is sealed with the key derived from the master key (crypto.py).
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.clock import Clock

KEY_BYTES = 32
AHEAD = timedelta(seconds=60)
"""From a key's making until it seals."""
LEARN_EVERY_S = 10.0
LOOK_BACK = timedelta(minutes=5)
"""A key may be committed after one that was made later: what was made shortly before is asked for again."""


@dataclass(frozen=True, slots=True)
class DataKey:
    workspace_id: UUID
    key_id: UUID
    wrapped: bytes
    created_at: datetime

    @property
    def seals_from(self) -> datetime:
        return self.created_at + AHEAD


class Wrapping(Protocol):
    def unwrap(self, workspace_id: UUID, key_id: UUID, wrapped: bytes) -> bytes:
        """The key; SealError when it cannot be had."""
        ...


class DataKeys:
    def __init__(self, wrapping: Wrapping, clock: Clock) -> None:
        self._wrapping = wrapping
        self._clock = clock
        self._known: dict[tuple[UUID, UUID], DataKey] = {}
        self._of_workspace: dict[UUID, list[DataKey]] = {}
        self._ciphers: dict[tuple[UUID, UUID], AESGCM] = {}
        self._newest: datetime | None = None
        self.loaded = False
        """Whether the key table was read once."""
        self.wanted = asyncio.Event()
        """Set by who met a key that is not known here."""

    def learn(self, keys: Iterable[DataKey]) -> None:
        """Known ones alike; one whose wrapping changed counts as it is now."""
        for key in keys:
            place = (key.workspace_id, key.key_id)
            if place not in self._known:
                of = self._of_workspace.setdefault(key.workspace_id, [])
                of.append(key)
                of.sort(key=lambda k: (k.created_at, k.key_id), reverse=True)
            self._known[place] = key
            self._newest = max(self._newest or key.created_at, key.created_at)
        self.loaded = True

    def since(self) -> datetime | None:
        """From when on keys are to be asked for; None for all."""
        return self._newest - LOOK_BACK if self._newest else None

    def all(self) -> list[DataKey]:
        return list(self._known.values())

    def sealing(self, workspace_id: UUID) -> tuple[UUID, AESGCM] | None:
        """The newest key that may seal by now; None: the derived one."""
        keys = self._of_workspace.get(workspace_id)
        if not keys:
            return None
        now = self._clock.now()
        key = next((k for k in keys if k.seals_from <= now), None)
        cipher = self.opening(workspace_id, key.key_id) if key else None
        return (key.key_id, cipher) if key and cipher else None

    def opening(self, workspace_id: UUID, key_id: UUID) -> AESGCM | None:
        """None for a key that is not known here, yet."""
        place = (workspace_id, key_id)
        if place not in self._ciphers:
            key = self._known.get(place)
            if key is None:
                self.wanted.set()
                return None
            self._ciphers[place] = AESGCM(self._wrapping.unwrap(workspace_id, key_id, key.wrapped))
        return self._ciphers[place]
