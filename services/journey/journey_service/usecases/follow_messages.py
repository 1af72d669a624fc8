"""MESSAGE → runs that wait for what became of their message."""

from collections.abc import Sequence
from uuid import UUID

import people
from chassis.clock import Clock, from_ms
from chassis.consumer import Batch
from chassis.database import Tx
from chassis.ids import time_of
from chassis.outbox import Outgoing
from waypost.dispatch.v1 import message_events_pb2 as pb

from journey_service import metrics
from journey_service.domain.run import MessageOutcome, Run
from journey_service.store import frozen_runs
from journey_service.store import runs as run_store
from journey_service.store.definitions import Definitions
from journey_service.usecases.advance import advance

# A complaint proves that the message arrived.
_SENT = (pb.MESSAGE_STATE_ACCEPTED, pb.MESSAGE_STATE_DELIVERED, pb.MESSAGE_STATE_COMPLAINED)
_REFUSED = (pb.MESSAGE_STATE_REFUSED, pb.MESSAGE_STATE_FAILED, pb.MESSAGE_STATE_BOUNCED)


class FollowMessages:
    def __init__(self, definitions: Definitions, clock: Clock) -> None:
        self._definitions = definitions
        self._clock = clock

    async def prepare(self, batch: Batch) -> None:
        return None

    async def apply(self, tx: Tx, batch: Batch, prepared: None) -> list[Outgoing]:
        outcomes: dict[UUID, MessageOutcome] = {}
        for raw in batch.records:
            record = pb.MessageRecord.FromString(raw)
            if record.run_id and record.state in (*_SENT, *_REFUSED):
                outcome = MessageOutcome(
                    record.run_sequence,
                    record.state in _SENT,
                    record.reason,
                    from_ms(record.meta.event_time.ToMilliseconds()),
                )
                known = outcomes.get(UUID(record.run_id))
                # A receipt that failed comes after the provider took it: going on was already right.
                if known is None or known.sequence < outcome.sequence:
                    outcomes[UUID(record.run_id)] = outcome
        if not outcomes:
            return []
        found = await run_store.load(tx, outcomes)
        # Sequences only grow, and what ended stays ended: who has moved on is not waited for.
        waiting = [
            r for r in found.values() if r.state != "exited" and r.sequence == outcomes[r.run_id].sequence
        ]
        if not waiting:
            return []
        held = [r for r in await hold_runs(tx, waiting) if r.sequence == outcomes[r.run_id].sequence]
        frozen = {r.run_id: outcomes[r.run_id] for r in held if r.state == "frozen"}
        if frozen:
            await frozen_runs.hear(tx, frozen)
        runs = [r for r in held if r.state == "active"]
        for run in runs:
            _time(run, outcomes[run.run_id])
        definitions = await self._definitions.of_versions(tx, [(r.journey_id, r.version) for r in runs])
        return (await advance(tx, runs, definitions, self._clock.now(), outcomes=outcomes)).outgoing


def _time(run: Run, outcome: MessageOutcome) -> None:
    if outcome.sent and not run.historical:
        # An event may come late: what counts is when we had it, which the run's id says.
        since = max(run.opened.at, time_of(run.run_id))
        metrics.ACCEPTED_TO_SENT.observe(max(0.0, (outcome.at - since).total_seconds()))


async def hold_runs(tx: Tx, runs: Sequence[Run]) -> list[Run]:
    """Those that have not ended once their people are locked. One that moved meanwhile fails the write's
    compare-and-set."""
    if not runs:
        return []
    today = await people.hold(tx, {r.identity_id: r.profile_id for r in runs})
    if any(today[r.identity_id].profile_id != r.profile_id for r in runs):
        runs = list((await run_store.load(tx, [r.run_id for r in runs])).values())
    return [r for r in runs if r.state != "exited"]
