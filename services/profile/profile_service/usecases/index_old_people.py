"""Indexes people who were stored before there was an index: twice, since the release before goes on writing beside
this one while the first round runs."""

from datetime import timedelta
from uuid import UUID

from chassis.clock import Clock
from chassis.crypto import Ciphers
from chassis.database import Database, Tx
from chassis.errors import DataKeyUnknown
from chassis.lanes import LaneGate
from chassis.rounds import rounds

from profile_service.store import search_backfills, search_keys
from profile_service.store.numbers import workspaces
from profile_service.usecases.search_keys_of import search_keys_of

ROUNDS = 2
BETWEEN = timedelta(hours=1)
EVERY_S = 600.0
_STEP = 500
_REST_S = 0.05
_BEGINNING = (-1, UUID(int=0))


class IndexOldPeople:
    def __init__(self, database: Database, ciphers: Ciphers, clock: Clock, gate: LaneGate) -> None:
        self._database = database
        self._ciphers = ciphers
        self._clock = clock
        self._gate = gate

    async def run(self) -> None:
        await rounds(self._gate, EVERY_S, self.pass_once, "indexing_waits", (DataKeyUnknown,))

    async def pass_once(self) -> None:
        """A step a transaction, with a rest between two, so that nobody notices."""
        for workspace_id in await workspaces(self._database):
            while not self._gate.closed and await self._database.run(workspace_id, self._step, keyed=True):
                await self._gate.sleep(_REST_S)

    async def _step(self, tx: Tx) -> bool:
        """Whether there is more to do now."""
        known = await search_backfills.hold(tx)
        if known is None:
            return False
        number, place = known["round"], (known["bucket"], known["identity_id"])
        if known["ended_at"] is not None:
            if number >= ROUNDS or self._clock.now() < known["ended_at"] + BETWEEN:
                return False
            number, place = number + 1, _BEGINNING
        rows = await search_backfills.behind(tx, *place, _STEP)
        if rows:
            place = (rows[-1]["bucket"], rows[-1]["identity_id"])
            ids = [r["identity_id"] for r in rows]
            await search_keys.change(tx, await search_keys_of(tx, ids, self._ciphers.of(tx.workspace_id)))
        ended = None if len(rows) == _STEP else self._clock.now()
        await search_backfills.note(tx, number, *place, ended)
        return ended is None
