"""Takes in what holds for subjects of consents, so that nothing begins that it forbids once that is answered."""

from collections.abc import Sequence
from uuid import UUID

from chassis import workspace_lock
from chassis.clock import Clock
from chassis.database import Database, Tx

from dispatch_service.store import consent_states
from dispatch_service.store.consent_states import SubjectState


class Suppress:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def __call__(self, workspace_id: UUID, states: Sequence[SubjectState]) -> None:
        """When it returns, every call of the workspace that could not see this has been announced as begun."""
        now = self._clock.now()

        async def work(tx: Tx) -> None:
            if any(state.refusal for state in states):
                await workspace_lock.take_alone(tx)
            await consent_states.apply(tx, states, now)

        await self._database.run(workspace_id, work, keyed=True)
