"""Runs: one person's way through one journey, with every decision and its inputs."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from waypost.journey.v1 import journey_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote
from gateway_service.routes._answers import (
    PROBLEMS,
    Moment,
    Page,
    PageSize,
    PageToken,
    given,
    json_of,
    moment,
)
from gateway_service.routes._people import profile_id_of
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("journeys:read"))]
Person = Annotated[str, Query(max_length=1200, description="profile id or type:value")]


class Run(BaseModel):
    run_id: str
    journey_id: str
    journey_version: int
    profile_id: str
    trigger_id: str
    state: str
    node_id: str
    sequence: int
    entered_at: Moment
    exited_at: Moment | None
    exit_reason: str
    wakes_at: Moment | None

    @classmethod
    def of(cls, run: pb.Run) -> Self:
        return cls(
            run_id=run.run_id,
            journey_id=run.journey_id,
            journey_version=run.journey_version,
            profile_id=run.profile_id,
            trigger_id=run.trigger_id,
            state=run.state,
            node_id=run.node_id,
            sequence=run.sequence,
            entered_at=given(run, "enter_time"),
            exited_at=moment(run, "exit_time"),
            exit_reason=run.exit_reason,
            wakes_at=moment(run, "wake_time"),
        )


class Transition(BaseModel):
    sequence: int
    node_id: str
    outcome: str
    to_node_id: str
    created_at: Moment
    inputs: Any


class RunDetail(BaseModel):
    run: Run
    transitions: list[Transition]


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["journeys"], responses=PROBLEMS)

    async def page(message: pb.ListRunsRequest, credential: Credential) -> Page[Run]:
        answer = await remote.call("journey", "ListRuns", message, credential)
        return Page[Run](items=[Run.of(one) for one in answer.runs], next_page_token=answer.next_page_token)

    async def person(credential: Credential, profile: str) -> str:
        return await profile_id_of(remote, credential, profile) if profile else ""

    @routes.get("/journeys/{journey_id}/runs")
    async def list_runs_of_journey(
        journey_id: str,
        credential: Reader,
        profile: Person = "",
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Page[Run]:
        message = pb.ListRunsRequest(
            journey_id=journey_id,
            profile_id=await person(credential, profile),
            page_size=page_size,
            page_token=page_token,
        )
        return await page(message, credential)

    @routes.get("/runs")
    async def list_runs(
        credential: Reader,
        profile: Person = "",
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Page[Run]:
        message = pb.ListRunsRequest(
            profile_id=await person(credential, profile), page_size=page_size, page_token=page_token
        )
        return await page(message, credential)

    @routes.get("/runs/{run_id}")
    async def get_run(run_id: str, credential: Reader) -> RunDetail:
        answer = await remote.call("journey", "GetRun", pb.GetRunRequest(run_id=run_id), credential)
        return RunDetail(
            run=Run.of(answer.run),
            transitions=[
                Transition(
                    sequence=one.sequence,
                    node_id=one.node_id,
                    outcome=one.outcome,
                    to_node_id=one.to_node_id,
                    created_at=given(one, "create_time"),
                    inputs=json_of(one.inputs_json),
                )
                for one in answer.transitions
            ],
        )

    return routes
