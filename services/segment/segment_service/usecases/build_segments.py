"""Finds the members of new segments, page by page, while live changes go on.

A page is one transaction: it locks the build's row (so one replica has it in hand), then the people of the page,
reads their facts, writes who belongs and how far it came. Killed anywhere, the next replica goes on after the last
page that was committed.
"""

import asyncio
from uuid import UUID

import people
from chassis import logs
from chassis.bus import PARTITIONS
from chassis.clock import Clock, to_ms
from chassis.database import FAILURES, Database, Tx
from chassis.errors import ServiceError
from chassis.ids import bucket_of
from chassis.lanes import LaneGate
from chassis.metrics import beat
from chassis.outbox import Outbox, Outgoing, Row
from people import Membership

from segment_service import metrics
from segment_service.domain.catalogue import Compiled
from segment_service.domain.facts import fold
from segment_service.domain.heard import Cause
from segment_service.domain.membership import Change, plan_first
from segment_service.events.published import records_of
from segment_service.store import builds, facts, memberships, segments


class Builder:
    def __init__(
        self, database: Database, outbox: Outbox, gate: LaneGate, clock: Clock, *, page: int, poll_s: float
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._gate = gate
        self._clock = clock
        self._page = page
        self._poll_s = poll_s
        self._woken = asyncio.Event()
        self._log = logs.get()

    def wake(self) -> None:
        """A segment of this process waits: do not sleep until the next poll."""
        self._woken.set()

    async def run(self) -> None:
        """Builds whatever waits, one page of each segment in turn, until the gate closes."""
        while not self._gate.closed:
            self._woken.clear()
            beat("builder")
            try:
                progressed = await self.pass_once()
            except (ServiceError, *FAILURES) as error:
                self._log.warning("build_waits", detail=str(error))
                progressed = False
            if not progressed:
                await self._sleep()

    async def sample(self) -> None:
        """Sets the gauge of builds that wait."""
        metrics.BUILDS.set(len(await builds.waiting(self._database)))

    async def pass_once(self) -> bool:
        """One page of every waiting segment; whether any page was this replica's to do."""
        progressed = False
        for workspace_id, segment_id in await builds.waiting(self._database):
            if self._gate.closed:
                break
            progressed |= await self.build_page(workspace_id, segment_id)
        return progressed

    async def build_page(self, workspace_id: UUID, segment_id: str) -> bool:
        async def work(tx: Tx) -> list[Row] | None:
            after = await builds.claim(tx, segment_id)
            if after is None:
                return None
            return await self._advance(tx, segment_id, after)

        rows = await self._database.run(workspace_id, work)
        if rows is None:
            return False
        await self._outbox.publish(rows)
        return True

    async def _advance(self, tx: Tx, segment_id: str, after: tuple[int, UUID]) -> list[Row]:
        found = await builds.lock_people(tx, after, self._page)
        if not found:
            await segments.activate(tx, segment_id)
            await builds.finish(tx, segment_id)
            return []
        segment = (await segments.get(tx, segment_id)).compiled
        changes = await self._evaluate(tx, segment, found)
        await memberships.apply(tx, changes)
        last = found[-1].identity_id
        await builds.advance(tx, segment_id, bucket_of(last), last)
        partition = bucket_of(segment_id.encode()) % PARTITIONS
        return await self._outbox.add(tx, "bulk", partition, [Outgoing("SEGMENT", records_of(changes))])

    async def _evaluate(self, tx: Tx, segment: Compiled, found: list[Membership]) -> list[Change]:
        now_ms = to_ms(self._clock.now())
        cause = Cause(f"{segment.segment_id}/{segment.version}", now_ms, now_ms, historical=True)
        profiles = [m.profile_id for m in found]
        member_of = await people.members(tx, profiles)
        identities = [m.identity_id for members in member_of.values() for m in members]
        known = await facts.load_known(tx, identities, segment.wanted)
        inside = await memberships.load_inside(tx, profiles)
        return [
            change
            for person in found
            for change in plan_first(
                person,
                fold(known[m.identity_id] for m in member_of[person.profile_id]),
                segment,
                cause,
                inside.get(person.profile_id, ()),
            )
        ]

    async def _sleep(self) -> None:
        closing = asyncio.create_task(self._gate.sleep(self._poll_s))
        woken = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait([closing, woken], return_when=asyncio.FIRST_COMPLETED)
        finally:
            closing.cancel()
            woken.cancel()
