"""The feed of changes is kept for a week."""

from datetime import timedelta

from chassis.clock import Clock
from chassis.database import Database
from chassis.lanes import LaneGate
from chassis.rounds import rounds

from profile_service.store import changes
from profile_service.store.numbers import workspaces

KEPT_DAYS = 7
EVERY_S = 600.0
_ROWS = 5_000


class ForgetChanges:
    def __init__(self, database: Database, clock: Clock, gate: LaneGate) -> None:
        self._database = database
        self._clock = clock
        self._gate = gate

    async def run(self) -> None:
        await rounds(self._gate, EVERY_S, self.pass_once, "changes_wait")

    async def pass_once(self) -> None:
        """Workspace by workspace, in short transactions."""
        before = self._clock.now() - timedelta(days=KEPT_DAYS)
        for workspace_id in await workspaces(self._database):
            while not self._gate.closed:
                async with self._database.transaction(workspace_id, keyed=True) as tx:
                    dropped = await changes.drop(tx, before, _ROWS)
                if dropped < _ROWS:
                    break
