"""Dead letters are kept as long as INGEST keeps what it stores: a week."""

from datetime import timedelta

from chassis.clock import Clock
from chassis.database import Database
from chassis.lanes import LaneGate
from chassis.rounds import rounds

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
        await rounds(self._gate, EVERY_S, self.pass_once, "expiry_waits")

    async def pass_once(self) -> None:
        """Workspace by workspace: a letter is seen by its own alone."""
        before = self._clock.now() - KEPT
        for workspace_id in await workspaces(self._database):
            async with self._database.transaction(workspace_id) as tx:
                await issues.expire_letters(tx, before)
