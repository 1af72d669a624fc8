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


async def row(tx: Tx) -> Any:
    """Everything stored about them; None while they are as shipped."""
    return await tx.fetchrow(_ROW, tx.workspace_id)


async def save(tx: Tx, settings: dict[str, Any], version: int, now: datetime, actor: str) -> bool:
    """Whether `version` still was the one in force; the new one is one more."""
    await tx.execute(_FIRST, tx.workspace_id, now)
    written = await tx.fetchval(_SAVE, tx.workspace_id, settings, version, now, actor)
    return written is not None


async def in_use(tx: Tx, kinds: list[str]) -> set[str]:
    """Those of the types that some identifier has."""
    rows = await tx.fetch(_IN_USE, tx.workspace_id, kinds, list(range(256)))
    return {r["type"] for r in rows}


_READ = "SELECT settings, version FROM identity_settings WHERE workspace_id = $1"
_ROW = "SELECT version, settings, updated_at, updated_by, settled_version FROM identity_settings WHERE workspace_id = $1"
_FIRST = """
INSERT INTO identity_settings (workspace_id, version, settings, updated_at, updated_by) VALUES ($1, 0, '{}', $2, '')
ON CONFLICT DO NOTHING
"""
_SAVE = """
UPDATE identity_settings SET version = version + 1, settings = $2, updated_at = $4, updated_by = $5, bucket = -1, place = NULL
WHERE workspace_id = $1 AND version = $3 RETURNING version
"""
_IN_USE = """
SELECT k.type FROM unnest($2::text[]) AS k (type)
WHERE EXISTS (SELECT FROM identifiers WHERE workspace_id = $1 AND bucket = ANY($3::smallint[]) AND type = k.type)
"""
