"""Segment's batches with dictionaries for tables, on which its properties are tried, and with real tables."""

from collections.abc import Awaitable, Callable
from random import Random
from uuid import UUID

from chassis.clock import ManualClock
from chassis.database import Database
from segment_service.events.consumers import heard_of

from tests.integration.segment.harness import Harness
from tests.integration.segment.test_keep_current import random_history, shuffled_batches
from tests.unit.segment.history import RULES
from tests.unit.segment.memory import Memory


async def test_after_every_batch_both_have_the_same_members(
    databases: Callable[[str], Awaitable[Database]], workspace_id: UUID, clock: ManualClock
) -> None:
    random = Random(11)
    history = random_history(random, acts=30, people=6)
    real, memory = Harness(await databases("segment"), workspace_id, clock), Memory()
    for n, rule in enumerate(RULES):
        await real.create(rule, str(n))
    await real.build()
    grown = 0
    for batch in shuffled_batches(history.records, random):
        said = await real.take(batch)
        before = len(memory.changes)
        memory.take(heard_of(batch))
        assert await real.members() == memory.members
        grown += len(memory.changes) - before
        assert len(said) == len(memory.changes) - before
    assert history.merges > 0
    assert grown > 10
