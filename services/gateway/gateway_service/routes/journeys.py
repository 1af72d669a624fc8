"""Journeys: definitions, their states, metrics, node kinds."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from waypost.journey.v1 import journey_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import (
    PROBLEMS,
    JsonObject,
    Moment,
    Page,
    PageSize,
    PageToken,
    given,
    json_bytes,
    json_of,
    word,
)
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("journeys:read"))]
Writer = Annotated[Credential, Depends(needs("journeys:write"))]


class Journey(BaseModel):
    journey_id: str
    name: str
    state: str
    version: int
    """Published version; 0 while a draft."""
    definition: Any
    created_at: Moment
    updated_at: Moment
    etag: str

    @classmethod
    def of(cls, journey: pb.Journey) -> Self:
        return cls(
            journey_id=journey.journey_id,
            name=journey.name,
            state=word(pb.JourneyState, journey.state),
            version=journey.version,
            definition=json_of(journey.definition_json),
            created_at=given(journey, "create_time"),
            updated_at=given(journey, "update_time"),
            etag=journey.etag,
        )


class DefinitionProblem(BaseModel):
    pointer: str
    reason: str
    detail: str


class Validation(BaseModel):
    valid: bool
    problems: list[DefinitionProblem]


class NodeMetrics(BaseModel):
    """entered = waiting + passed + exited + frozen + held_out."""

    node_id: str
    kind: str
    entered: int
    waiting: int
    passed: int
    exited: int
    frozen: int
    held_out: int
    passed_by: dict[str, int]

    @classmethod
    def of(cls, node: pb.NodeMetrics) -> Self:
        return cls(
            node_id=node.node_id,
            kind=node.kind,
            entered=node.entered,
            waiting=node.waiting,
            passed=node.passed,
            exited=node.exited,
            frozen=node.frozen,
            held_out=node.held_out,
            passed_by=dict(node.passed_by),
        )


class JourneyMetrics(BaseModel):
    nodes: list[NodeMetrics]
    runs_entered: int
    runs_active: int
    runs_exited: dict[str, int]
    entries_refused: dict[str, int]
    intentions_issued: int


class NewJourney(BaseModel):
    model_config = ConfigDict(extra="forbid")

    definition: JsonObject


class Words(BaseModel):
    en: str
    zh: str


class NodeKind(BaseModel):
    kind: str
    config_schema: Any
    label: Words
    description: Words


class NodeKinds(BaseModel):
    items: list[NodeKind]


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["journeys"], responses=PROBLEMS)
    _add_definitions(routes, remote)
    _add_states(routes, remote)
    _add_metrics(routes, remote)
    return routes


def _add_definitions(routes: APIRouter, remote: Remote) -> None:
    @routes.post("/journeys", status_code=201)
    async def create_journey(body: NewJourney, request: Request, credential: Writer) -> Journey:
        message = pb.CreateJourneyRequest(
            definition_json=json_bytes(body.definition), request_id=mutation_id(request, credential)
        )
        return Journey.of((await remote.call("journey", "CreateJourney", message, credential)).journey)

    @routes.get("/journeys")
    async def list_journeys(
        credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Journey]:
        message = pb.ListJourneysRequest(page_size=page_size, page_token=page_token)
        answer = await remote.call("journey", "ListJourneys", message, credential)
        return Page[Journey](
            items=[Journey.of(one) for one in answer.journeys], next_page_token=answer.next_page_token
        )

    @routes.post("/journeys:validate")
    async def validate_journey(body: NewJourney, credential: Reader) -> Validation:
        message = pb.ValidateJourneyRequest(definition_json=json_bytes(body.definition))
        answer = await remote.call("journey", "ValidateJourney", message, credential)
        problems = [
            DefinitionProblem(pointer=one.pointer, reason=one.reason, detail=one.detail)
            for one in answer.problems
        ]
        return Validation(valid=not problems, problems=problems)

    @routes.get("/journeys/{journey_id}")
    async def get_journey(journey_id: str, credential: Reader) -> Journey:
        message = pb.GetJourneyRequest(journey_id=journey_id)
        return Journey.of((await remote.call("journey", "GetJourney", message, credential)).journey)


def _add_states(routes: APIRouter, remote: Remote) -> None:
    @routes.post("/journeys/{journey_id}:publish")
    async def publish_journey(journey_id: str, request: Request, credential: Writer) -> Journey:
        message = pb.PublishJourneyRequest(journey_id=journey_id, request_id=mutation_id(request, credential))
        return Journey.of((await remote.call("journey", "PublishJourney", message, credential)).journey)

    @routes.post("/journeys/{journey_id}:pause")
    async def pause_journey(journey_id: str, request: Request, credential: Writer) -> Journey:
        message = pb.PauseJourneyRequest(journey_id=journey_id, request_id=mutation_id(request, credential))
        return Journey.of((await remote.call("journey", "PauseJourney", message, credential)).journey)

    @routes.post("/journeys/{journey_id}:resume")
    async def resume_journey(journey_id: str, request: Request, credential: Writer) -> Journey:
        message = pb.ResumeJourneyRequest(journey_id=journey_id, request_id=mutation_id(request, credential))
        return Journey.of((await remote.call("journey", "ResumeJourney", message, credential)).journey)


def _add_metrics(routes: APIRouter, remote: Remote) -> None:
    @routes.get("/journeys/{journey_id}/metrics")
    async def journey_metrics(journey_id: str, credential: Reader) -> JourneyMetrics:
        message = pb.GetJourneyMetricsRequest(journey_id=journey_id)
        answer = await remote.call("journey", "GetJourneyMetrics", message, credential)
        return JourneyMetrics(
            nodes=[NodeMetrics.of(node) for node in answer.nodes],
            runs_entered=answer.runs_entered,
            runs_active=answer.runs_active,
            runs_exited=dict(answer.runs_exited),
            entries_refused=dict(answer.entries_refused),
            intentions_issued=answer.intentions_issued,
        )

    @routes.get("/journey-node-kinds")
    async def list_node_kinds(credential: Reader) -> NodeKinds:
        answer = await remote.call("journey", "ListNodeKinds", pb.ListNodeKindsRequest(), credential)
        return NodeKinds(
            items=[
                NodeKind(
                    kind=one.kind,
                    config_schema=json_of(one.config_schema_json),
                    label=Words(en=one.label_en, zh=one.label_zh),
                    description=Words(en=one.description_en, zh=one.description_zh),
                )
                for one in answer.kinds
            ]
        )
