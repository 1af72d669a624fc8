"""After a change of settings everybody known is looked at again, page by page; a killed pass goes on where it was."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis import logs
from chassis.clock import Clock
from chassis.database import FAILURES, Database, Tx
from chassis.ids import new_id
from chassis.lanes import LaneGate
from chassis.outbox import Outbox, Outgoing, Row

from profile_service.events import published
from profile_service.store import changes, graph, resettling
from profile_service.store.numbers import workspaces
from profile_service.store.settings_in_force import FOR_S, current
from profile_service.usecases.apply_plan import apply_plan
from profile_service.usecases.load_slice import News
from profile_service.usecases.news import moves
from profile_service.usecases.settle_people import settle

EVERY_S = 5.0
PAGE = 200
PARTITIONS = 16
QUIET = timedelta(seconds=FOR_S + 8)
"""Until no batch that began under the settings of before can still be under way."""


class Resettle:
    def __init__(self, database: Database, outbox: Outbox, clock: Clock, gate: LaneGate) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._gate = gate

    async def run(self) -> None:
        while not self._gate.closed:
            try:
                for workspace_id in await workspaces(self._database):
                    await self.workspace(workspace_id)
            except FAILURES as error:
                logs.get().warning("resettling_waits", detail=type(error).__name__)
            await self._gate.sleep(EVERY_S)

    async def workspace(self, workspace_id: UUID) -> None:
        """Until everybody has been looked at."""
        more = True
        while more and not self._gate.closed:
            more = await self.page(workspace_id)

    async def page(self, workspace_id: UUID) -> bool:
        """Looks at the next page of people; whether there was one."""

        async def work(tx: Tx) -> list[Row] | None:
            place = await resettling.claim(tx, self._clock.now() - QUIET)
            return None if place is None else await self._look(tx, place)

        rows = await self._database.run(workspace_id, work)
        if rows is None:
            return False
        await self._outbox.publish(rows)
        return True

    async def _look(self, tx: Tx, place: Any) -> list[Row]:
        bucket, after = place["bucket"], place["place"]
        if bucket < 0:
            # Whoever is under suspicion is judged anew.
            identities = await resettling.absolve(tx, after, PAGE)
            touched = {end for pair in await graph.edges_of(tx, identities) for end in pair} | set(identities)
        else:
            identities = await resettling.page(tx, bucket, after, PAGE)
            touched = set(identities)
        if len(identities) < PAGE:
            await resettling.move(tx, bucket + 1, None)
        else:
            await resettling.move(tx, bucket, identities[-1])
        if not touched:
            return []
        settings = await current(tx)
        described = await graph.describe(tx, touched)
        news = News(strong={i for i, row in described.items() if settings.is_strong(row.key[0])})
        loaded, plan = await settle(tx, news, settings)
        now = self._clock.now()
        applied = await apply_plan(
            tx, loaded, plan, news, now, rule="settings", evidence={"settings_version": settings.version}
        )
        changes.record(tx, moves(applied), now)
        records = published.moves(applied, {}, published.ByHand(now, now, historical=True))
        return await self._outbox.add(tx, "bulk", new_id().int % PARTITIONS, [Outgoing("PROFILE", records)])
