"""Files and imports that are too old are forgotten."""

import asyncio
from datetime import timedelta

from chassis import logs, metrics
from chassis.clock import Clock
from chassis.database import FAILURES, Database

from gateway_service.store import import_files, imports, jobs

FILE_KEPT = timedelta(days=7)
KEPT = timedelta(days=30)
"""The import without its file: what it did, and the errors."""
_BROKEN_OFF = timedelta(days=1)
EVERY_S = 600.0


class ImportExpiry:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def run(self) -> None:
        while True:
            metrics.beat("imports")
            try:
                await self.expire()
            except FAILURES as error:
                logs.get().warning("expiry_waits", detail=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def expire(self) -> None:
        """Workspace by workspace: a row is seen by its own alone."""
        now = self._clock.now()
        async with self._database.connection() as connection:
            rows = await connection.fetch("SELECT workspace_id FROM workspaces")
        for (workspace_id,) in rows:
            async with self._database.transaction(workspace_id) as tx:
                for import_id in await imports.older_than(tx, now - KEPT):
                    await imports.remove(tx, import_id)
                    await jobs.remove(tx, import_id)
                await import_files.expire(tx, now - FILE_KEPT, now - _BROKEN_OFF)
