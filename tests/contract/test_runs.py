"""Where dispatch learns whether a run still wants its message: the real journey service, and the double."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.database import Database
from chassis.ids import new_id
from dispatch_service.domain.messages import Intention
from dispatch_service.remote import JourneyRuns
from waypost.journey.v1.journey_service_pb2_grpc import add_JourneyServiceServicer_to_server

from tests.contract.serving import peers_of
from tests.integration.dispatch.doubles import Journey as Double
from tests.integration.dispatch.doubles import World
from tests.integration.journey.definitions import definition, send
from tests.integration.journey.harness import Journey
from tests.integration.journey.records import ACCEPTED, at, became, happened
from tests.unit.dispatch._made import intention

SERVICE = "waypost.journey.v1.JourneyService"
SAY_AND_END = {"say": send(), "end": {"kind": "exit"}}


@dataclass
class Case:
    runs: JourneyRuns
    workspace_id: UUID
    waiting: Intention
    """Of a run that waits for it."""
    exited: Intention
    """Of a run that has ended."""


@pytest.fixture(params=["double", "real"])
async def case(
    request: pytest.FixtureRequest, databases: Callable[[str], Awaitable[Database]], workspace_id: UUID
) -> AsyncIterator[Case]:
    if request.param == "double":
        waiting, exited = (intention(n, run_id=str(new_id())) for n in (1, 2))
        world = World(runs={waiting.run_id, exited.run_id}, forbidden={exited.run_id: "run_exited"})
        implementation: Double | object = Double(world)
    else:
        journey = Journey(await databases("journey"), workspace_id, ManualClock(at(0)))
        await journey.publish(definition(SAY_AND_END, start="say"))
        said = await journey.take(happened("Added", 0), happened("Added", 0, cart_id="c2"))
        (waits_for, _), (ended, sequence) = said.keys[0], said.keys[1]
        await journey.hear(became((ended, sequence), ACCEPTED))
        waiting, exited = (
            intention(n, run_id=run, run_sequence=number)
            for n, (run, number) in enumerate([said.keys[0], (ended, sequence)])
        )
        assert waiting.run_id == waits_for
        implementation = journey.servicer
    async with peers_of("journey", SERVICE, add_JourneyServiceServicer_to_server, implementation) as peers:
        yield Case(JourneyRuns(peers), workspace_id, waiting, exited)


async def test_only_a_run_that_waits_for_its_message_allows_it(case: Case) -> None:
    unknown = intention(9, run_id=str(new_id()))
    asked = [unknown, case.waiting, case.exited]
    assert await case.runs.forbidden(case.workspace_id, asked) == {
        unknown.message_id: "run_unknown",
        case.exited.message_id: "run_exited",
    }
    assert await case.runs.forbidden(case.workspace_id, asked[::-1]) == {
        case.exited.message_id: "run_exited",
        unknown.message_id: "run_unknown",
    }


async def test_nobody_is_asked_about_nothing(case: Case) -> None:
    assert await case.runs.forbidden(case.workspace_id, []) == {}
