"""The three ledgers side by side: people in nodes, intentions handed over, outcomes. A sum that does not close is
shown with its difference, never hidden."""

import asyncio
from typing import Annotated, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from waypost.dispatch.v1 import message_service_pb2 as dispatch_pb
from waypost.journey.v1 import journey_service_pb2 as journey_pb

from gateway_service.auth import needs
from gateway_service.remote import Remote
from gateway_service.routes._answers import PROBLEMS, Page, PageSize, PageToken
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("reports:read"))]
_AT_ONCE = 8
"""Journeys asked about at the same time."""


class NodeLedger(BaseModel):
    """entered = waiting + passed + exited + frozen + held_out."""

    node_id: str
    kind: str
    entered: int
    waiting: int
    passed: int
    exited: int
    frozen: int
    held_out: int
    difference: int
    ok: bool

    @classmethod
    def of(cls, node: journey_pb.NodeMetrics) -> Self:
        placed = node.waiting + node.passed + node.exited + node.frozen + node.held_out
        return cls(
            node_id=node.node_id,
            kind=node.kind,
            entered=node.entered,
            waiting=node.waiting,
            passed=node.passed,
            exited=node.exited,
            frozen=node.frozen,
            held_out=node.held_out,
            difference=node.entered - placed,
            ok=node.entered == placed,
        )


class HandoverLedger(BaseModel):
    """issued = in_dispatch + in_flight. Dispatch is read first, so it never knows more than journey has issued."""

    issued: int
    in_dispatch: int
    in_flight: int
    difference: int
    ok: bool

    @classmethod
    def of(cls, issued: int, in_dispatch: int) -> Self:
        in_flight = max(0, issued - in_dispatch)
        difference = issued - in_dispatch - in_flight
        return cls(
            issued=issued,
            in_dispatch=in_dispatch,
            in_flight=in_flight,
            difference=difference,
            ok=difference == 0,
        )


class OutcomeLedger(BaseModel):
    """in_dispatch = the sum of all outcomes."""

    in_dispatch: int
    outcomes: int
    difference: int
    ok: bool

    @classmethod
    def of(cls, report: dispatch_pb.GetMessageReportResponse) -> Self:
        outcomes = sum(one.count for one in report.outcomes)
        return cls(
            in_dispatch=report.intentions,
            outcomes=outcomes,
            difference=report.intentions - outcomes,
            ok=report.intentions == outcomes,
        )


class JourneyLedgers(BaseModel):
    journey_id: str
    ok: bool
    nodes: list[NodeLedger]
    handover: HandoverLedger
    outcomes: OutcomeLedger


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1/reports", tags=["reports"], responses=PROBLEMS)

    @routes.get("/ledgers")
    async def ledgers(
        credential: Reader, journey_id: str = "", page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[JourneyLedgers]:
        if journey_id:
            return Page[JourneyLedgers](items=[await _of_journey(remote, credential, journey_id)])
        request = journey_pb.ListJourneysRequest(page_size=page_size, page_token=page_token)
        listed = await remote.call("journey", "ListJourneys", request, credential)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def one(journey_id: str) -> JourneyLedgers:
            async with turns:
                return await _of_journey(remote, credential, journey_id)

        items = await asyncio.gather(*(one(journey.journey_id) for journey in listed.journeys))
        return Page[JourneyLedgers](items=items, next_page_token=listed.next_page_token)

    return routes


async def _of_journey(remote: Remote, credential: Credential, journey_id: str) -> JourneyLedgers:
    report = await remote.call(
        "dispatch",
        "GetMessageReport",
        dispatch_pb.GetMessageReportRequest(journey_id=journey_id),
        credential,
    )
    metrics = await remote.call(
        "journey",
        "GetJourneyMetrics",
        journey_pb.GetJourneyMetricsRequest(journey_id=journey_id),
        credential,
    )
    nodes = [NodeLedger.of(node) for node in metrics.nodes]
    handover = HandoverLedger.of(metrics.intentions_issued, report.intentions)
    outcomes = OutcomeLedger.of(report)
    return JourneyLedgers(
        journey_id=journey_id,
        ok=all(node.ok for node in nodes) and handover.ok and outcomes.ok,
        nodes=nodes,
        handover=handover,
        outcomes=outcomes,
    )
