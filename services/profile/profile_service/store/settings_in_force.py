"""The identity settings of each workspace: remembered for a moment, for every batch asks."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx

from profile_service.domain.identity_settings import IdentitySettings
from profile_service.domain.identity_settings_form import read_settings

FOR_S = 2.0
"""How long another process may go on by the settings of before."""


class SettingsInForce:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[UUID, tuple[float, IdentitySettings]] = {}

    async def of(self, tx: Tx) -> IdentitySettings:
        now = self._clock()
        until, known = self._known.get(tx.workspace_id, (0.0, None))
        if known is None or now >= until:
            known = await current(tx)
            self._known[tx.workspace_id] = (now + FOR_S, known)
        return known

    def forget(self, workspace_id: UUID) -> None:
        self._known.pop(workspace_id, None)


async def current(tx: Tx) -> IdentitySettings:
    row = await tx.fetchrow(_READ, tx.workspace_id)
    return read_settings(row["settings"], row["version"]) if row else IdentitySettings()


async def save(tx: Tx, settings: dict[str, Any], version: int, now: datetime, actor: str) -> bool:
    """Whether `version` still was the one in force; the new one is one more."""
    written = await tx.fetchval(_SAVE, tx.workspace_id, settings, version, now, actor)
    return written is not None


_READ = "SELECT settings, version FROM identity_settings WHERE workspace_id = $1"
_SAVE = """
INSERT INTO identity_settings AS s (workspace_id, version, settings, updated_at, updated_by)
SELECT $1, $3 + 1, $2, $4, $5 WHERE $3 = 0 OR EXISTS (SELECT FROM identity_settings WHERE workspace_id = $1)
ON CONFLICT (workspace_id) DO UPDATE SET version = s.version + 1, settings = excluded.settings,
  updated_at = excluded.updated_at, updated_by = excluded.updated_by, place = NULL
WHERE s.version = $3 RETURNING version
"""
