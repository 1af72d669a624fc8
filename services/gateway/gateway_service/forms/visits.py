"""Views and scans, counted in memory and written once a second: looking at a page waits for no row that others hold."""

import asyncio
from datetime import date
from uuid import UUID

from chassis import logs, metrics
from chassis.clock import Clock
from chassis.database import FAILURES, Database

from gateway_service.store import page_counts
from gateway_service.store.page_counts import Counted

EVERY_S = 1.0
VIEW, DROPPED = Counted(views=1), Counted(dropped=1)


class VisitBook:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._open: dict[UUID, dict[tuple[UUID, date], Counted]] = {}

    def note(self, workspace_id: UUID, object_id: UUID, counted: Counted) -> None:
        """Of a form or code that exists."""
        open_ = self._open.setdefault(workspace_id, {})
        key = (object_id, self._clock.now().date())
        open_[key] = open_.get(key, Counted()).plus(counted)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            metrics.beat("visits")
            await self.flush()

    async def flush(self) -> None:
        """Writes what is open; what cannot be written stays open."""
        counted, self._open = self._open, {}
        for workspace_id, counts in counted.items():
            try:
                await page_counts.add(self._database, workspace_id, counts)
            except FAILURES as error:
                logs.get().warning("visits_wait", detail=type(error).__name__)
                for (object_id, day), one in counts.items():
                    open_ = self._open.setdefault(workspace_id, {})
                    open_[object_id, day] = open_.get((object_id, day), Counted()).plus(one)
