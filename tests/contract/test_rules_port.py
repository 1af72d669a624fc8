"""Where journey asks whether a rule holds for a person: the real segment service, and the double of journey's tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import rules
from chassis.clock import ManualClock, SystemClock
from chassis.database import Database
from chassis.ids import new_id
from chassis.keyring import Keyring
from chassis.paging import Pages
from journey_service.remote import SegmentRules
from segment_service.api.servicer import SegmentServicer
from waypost.segment.v1.segment_service_pb2_grpc import add_SegmentServiceServicer_to_server

from tests.contract.serving import peers_of
from tests.integration.journey.harness import Segment as Double
from tests.integration.segment.harness import Harness
from tests.unit.segment.history import Act, history_of, identity

SERVICE = "waypost.segment.v1.SegmentService"
VIEWED = rules.parse({"event": "Viewed"})
INSIDE, OUTSIDE = identity(0), identity(1)


@dataclass
class Case:
    """INSIDE has the event and OUTSIDE has not; `late` tells segment of an event that it has not heard of."""

    rules: SegmentRules
    workspace_id: UUID
    heard: tuple[UUID, str]
    late: Callable[[], Awaitable[Any]]

    async def hold(self, *asked: tuple[UUID, str], heard: bool = False) -> dict[str, bool]:
        """By key, for each (person, key)."""
        wanted = [(VIEWED, str(person), key) for person, key in asked]
        return dict(await self.rules.hold(self.workspace_id, wanted, [self.heard] if heard else []))


@pytest.fixture(params=["double", "real"])
async def case(
    request: pytest.FixtureRequest,
    databases: Callable[[str], Awaitable[Database]],
    clock: ManualClock,
    workspace_id: UUID,
) -> AsyncIterator[Case]:
    seen = history_of([Act("event", 0, 0, 1, None), Act("event", 1, 1, 1, None), Act("event", 0, 1, 2, None)])
    *early, last = seen.records
    heard = (INSIDE, _record_id(last))
    if request.param == "double":
        double = Double()
        double.outside, double.behind = {OUTSIDE}, 3

        async def nothing() -> None:
            """It hears of the event after having been asked three times."""

        peers: Any = double
        yield Case(SegmentRules(peers), workspace_id, heard, nothing)
        return
    harness = Harness(await databases("segment"), workspace_id, clock)
    await harness.create({"event": "Viewed"})
    await harness.build()
    await harness.take(early)
    servicer = SegmentServicer(harness.database, Pages(Keyring(bytes(32))), SystemClock(), lambda: None)
    async with peers_of("segment", SERVICE, add_SegmentServiceServicer_to_server, servicer) as peers:
        yield Case(SegmentRules(peers), workspace_id, heard, lambda: harness.take([last]))


async def test_each_key_gets_the_verdict_about_its_person(case: Case) -> None:
    found = await case.hold((INSIDE, "a"), (OUTSIDE, "b"), (INSIDE, "c"))
    assert found == {"a": True, "b": False, "c": True}
    assert await case.hold() == {}


async def test_an_answer_waits_until_segment_has_heard_of_the_batches_events(case: Case) -> None:
    asking = asyncio.create_task(case.hold((INSIDE, "a"), heard=True))
    await asyncio.wait([asking], timeout=0.01)
    assert not asking.done()
    await case.late()
    assert await asking == {"a": True}


async def test_five_hundred_people_are_answered_in_order(case: Case) -> None:
    people = [(INSIDE if n == 250 else new_id(), str(n)) for n in range(500)]
    found = await case.hold(*people)
    assert found["250"] is True
    assert len(found) == 500


def _record_id(raw: bytes) -> str:
    from waypost.profile.v1 import profile_events_pb2

    return str(profile_events_pb2.ProfileRecord.FromString(raw).meta.record_id)
