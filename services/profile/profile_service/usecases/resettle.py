"""After a change of settings everybody is who they are under the new ones: all facts are looked at at once, and whoever
turns out to be stored otherwise is settled, page by page, as a batch of facts would settle them."""

from collections.abc import Sequence, Set
from datetime import timedelta
from uuid import UUID

from chassis import logs, workspace_lock
from chassis.clock import Clock, to_ms
from chassis.database import FAILURES, Database, Tx
from chassis.ids import new_id, timed_id
from chassis.lanes import LaneGate
from chassis.outbox import Outbox, Outgoing, Row

from profile_service.domain.identity_settings import IdentitySettings
from profile_service.events import published
from profile_service.store import changes, graph, logins, resettling
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
PATIENCE = timedelta(minutes=2)
"""How long nobody else begins. Whoever takes longer, two are at it, which does no harm."""


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
        """Settles whoever has to be. Settings that change meanwhile end it, and begin it anew later."""
        now = self._clock.now()

        async def begin(tx: Tx) -> IdentitySettings | None:
            claimed = await resettling.claim(tx, now - QUIET, self._claim(), timed_id(to_ms(now - PATIENCE)))
            return None if claimed is None else await current(tx)

        settings = await self._database.run(workspace_id, begin)
        if settings is None:
            return
        # numpy takes 20 MB, which is not for a service that settles nobody.
        from profile_service.usecases.rebuild_people import rebuild_people

        differ = await rebuild_people(self._database, workspace_id, settings)
        rows, ids = differ.touched(), differ.rebuilt.graph.ids
        absolved = set(ids.ids(differ.absolved))
        for start in range(0, len(rows), PAGE):
            if self._gate.closed:
                return
            if not await self._page(
                workspace_id, settings.version, ids.ids(rows[start : start + PAGE]), absolved
            ):
                return
        await self._database.run(workspace_id, lambda tx: resettling.finish(tx, settings.version))

    async def _page(
        self, workspace_id: UUID, version: int, identities: Sequence[UUID], absolved: Set[UUID]
    ) -> bool:
        """Whether the settings are still those of `version`."""

        async def work(tx: Tx) -> list[Row] | None:
            if not await resettling.renew(tx, version, self._claim()):
                return None
            return await self._settle(tx, identities, absolved & set(identities))

        # An erasure waits for it, or the other way round.
        rows = await self._database.run(workspace_id, work, opening=workspace_lock.shared(workspace_id))
        if rows is None:
            return False
        await self._outbox.publish(rows)
        return True

    async def _settle(self, tx: Tx, identities: Sequence[UUID], absolved: Set[UUID]) -> list[Row]:
        settings, now = await current(tx), self._clock.now()
        described = await graph.describe(tx, identities)
        news = News(strong={i for i, row in described.items() if settings.is_strong(row.key[0])})
        if absolved:
            await resettling.absolve(tx, absolved)
            news.replayed |= set(await logins.devices_of(tx, absolved))
        loaded, plan = await settle(tx, news, settings)
        applied = await apply_plan(
            tx, loaded, plan, news, now, rule="settings", evidence={"settings_version": settings.version}
        )
        changes.record(tx, moves(applied), now)
        records = published.moves(applied, {}, published.ByHand(now, now, historical=True))
        return await self._outbox.add(tx, "bulk", new_id().int % PARTITIONS, [Outgoing("PROFILE", records)])

    def _claim(self) -> UUID:
        return timed_id(to_ms(self._clock.now()), str(new_id()))
