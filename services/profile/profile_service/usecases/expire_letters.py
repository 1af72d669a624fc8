"""Dead letters are kept as long as INGEST keeps what it stores: a week."""

from datetime import timedelta

from chassis import logs
from chassis.clock import Clock
from chassis.database import FAILURES, Database
from chassis.lanes import LaneGate

from profile_service.store import issues
from profile_service.store.numbers import workspaces

KEPT = timedelta(days=7)
EVERY_S = 600.0


class ExpireLetters:
    def __init__(self, database: Database, clock: Clock, gate: LaneGate) -> None:
        self._database = database
        self._clock = clock
        self._gate = gate

    async def run(self) -> None:
        while not self._gate.closed:
            try:
                await self.pass_once()
            except FAILURES as error:
                logs.get().warning("expiry_waits", detail=type(error).__name__)
            await self._gate.sleep(EVERY_S)

    async def pass_once(self) -> None:
        """Workspace by workspace: a letter is seen by its own alone."""
        before = self._clock.now() - KEPT
        for workspace_id in await workspaces(self._database):
            async with self._database.transaction(workspace_id) as tx:
                await issues.expire_letters(tx, before)
