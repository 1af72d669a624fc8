"""After a change of settings everybody is who they are under the new ones: all facts are looked at at once, and whoever
turns out to be stored otherwise is settled, page by page, as a batch of facts would settle them. Where the facts are too
many to be held at once, everybody is settled."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence, Set
from datetime import timedelta
from uuid import UUID

from chassis import workspace_lock
from chassis.clock import Clock, to_ms
from chassis.database import Database, Tx
from chassis.ids import new_id, timed_id
from chassis.lanes import LaneGate
from chassis.outbox import Outbox, Outgoing, Row
from chassis.rounds import rounds

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
MOST_LINKS = 3_000_000
"""Between strong identifiers of a workspace that are held in memory at once."""
QUIET = timedelta(seconds=FOR_S + 8)
"""Until no batch that began under the settings of before can still be under way."""
PATIENCE = timedelta(minutes=2)
"""How long nobody else begins. Whoever takes longer, two are at it, which does no harm."""


class Resettle:
    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        clock: Clock,
        gate: LaneGate,
        most_links: int = MOST_LINKS,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._gate = gate
        self._most_links = most_links

    async def run(self) -> None:
        await rounds(self._gate, EVERY_S, self.pass_once, "resettling_waits")

    async def pass_once(self) -> None:
        for workspace_id in await workspaces(self._database):
            await self.workspace(workspace_id)

    async def workspace(self, workspace_id: UUID) -> None:
        """Settles whoever has to be. Settings that change meanwhile end it, and begin it anew later."""
        now = self._clock.now()

        async def begin(tx: Tx) -> IdentitySettings | None:
            claimed = await resettling.claim(tx, now - QUIET, self._claim(), timed_id(to_ms(now - PATIENCE)))
            return None if claimed is None else await current(tx)

        settings = await self._database.run(workspace_id, begin)
        if settings is None:
            return
        async for identities, absolved in self._whom(workspace_id, settings):
            if self._gate.closed or not await self._page(
                workspace_id, settings.version, identities, absolved
            ):
                return
        await self._database.run(workspace_id, lambda tx: resettling.finish(tx, settings.version))

    async def _whom(
        self, workspace_id: UUID, settings: IdentitySettings
    ) -> AsyncIterator[tuple[Sequence[UUID], Set[UUID]]]:
        """Identities to look at, PAGE at a time, and those of them to take from under suspicion first."""
        async with self._database.transaction(workspace_id) as tx:
            many = await resettling.more_links_than(tx, self._most_links)
        async for page in (
            self._everybody(workspace_id) if many else self._stored_otherwise(workspace_id, settings)
        ):
            yield page

    async def _stored_otherwise(
        self, workspace_id: UUID, settings: IdentitySettings
    ) -> AsyncIterator[tuple[Sequence[UUID], Set[UUID]]]:
        # numpy takes 20 MB, which is not for a service that settles nobody.
        from profile_service.usecases.rebuild_people import rebuild_people

        differ = await rebuild_people(self._database, workspace_id, settings)
        rows, ids = differ.touched(), differ.rebuilt.graph.ids
        absolved = set(ids.ids(differ.absolved))
        for start in range(0, len(rows), PAGE):
            page = ids.ids(rows[start : start + PAGE])
            yield page, absolved.intersection(page)

    async def _everybody(self, workspace_id: UUID) -> AsyncIterator[tuple[Sequence[UUID], Set[UUID]]]:
        async def whole(
            some: Callable[[Tx, UUID | None], Awaitable[list[UUID]]],
        ) -> AsyncIterator[list[UUID]]:
            after: UUID | None = None
            while True:
                async with self._database.transaction(workspace_id) as tx:
                    page = await some(tx, after)
                if not page:
                    return
                yield page
                after = page[-1]

        # Whoever they were named with goes on from them.
        async for page in whole(lambda tx, after: resettling.suspects(tx, after, PAGE)):
            async with self._database.transaction(workspace_id) as tx:
                near = {end for pair in await graph.edges_of(tx, page) for end in pair}
            yield sorted({*page, *near}), set(page)
        for bucket in range(resettling.BUCKETS):

            async def linked(tx: Tx, after: UUID | None, bucket: int = bucket) -> list[UUID]:
                return await resettling.linked(tx, bucket, after, PAGE)

            async for page in whole(linked):
                yield page, frozenset()

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
