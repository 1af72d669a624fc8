"""Recency, frequency, monetary: compute a snapshot, read its summary."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict
from waypost.scoring.v1 import rfm_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import PROBLEMS, Moment, given, stamp
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("scoring:read"))]
Writer = Annotated[Credential, Depends(needs("scoring:write"))]
COMPUTE_S = 60.0
"""A full computation over a million customers takes seconds."""


class AsOf(BaseModel):
    model_config = ConfigDict(extra="forbid")

    as_of: datetime | None = None
    """Orders after it do not count. Default: now."""


class Group(BaseModel):
    group: str
    label_en: str
    label_zh: str
    customer_count: int
    amount_minor: int


class Thresholds(BaseModel):
    """Upper ends (inclusive) of quintiles 1 to 4."""

    recency_days: list[float]
    frequency: list[float]
    monetary_minor: list[float]


class RfmSummary(BaseModel):
    model: str
    as_of: Moment
    window_days: int
    customer_count: int
    order_count: int
    amount_minor: int
    groups: list[Group]
    thresholds: Thresholds

    @classmethod
    def of(cls, summary: pb.RfmSummary) -> Self:
        return cls(
            model=summary.model,
            as_of=given(summary, "as_of_time"),
            window_days=summary.window_days,
            customer_count=summary.customer_count,
            order_count=summary.order_count,
            amount_minor=summary.amount_minor,
            groups=[
                Group(
                    group=one.group,
                    label_en=one.label_en,
                    label_zh=one.label_zh,
                    customer_count=one.customer_count,
                    amount_minor=one.amount_minor,
                )
                for one in summary.groups
            ],
            thresholds=Thresholds(
                recency_days=list(summary.recency_days_thresholds),
                frequency=list(summary.frequency_thresholds),
                monetary_minor=list(summary.monetary_minor_thresholds),
            ),
        )


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1/rfm", tags=["scoring"], responses=PROBLEMS)

    @routes.post("/{model}:compute")
    async def compute_rfm(
        model: str, request: Request, credential: Writer, body: AsOf | None = None
    ) -> RfmSummary:
        message = pb.ComputeRfmRequest(model=model, request_id=mutation_id(request, credential))
        if body and body.as_of:
            message.as_of_time.CopyFrom(stamp(body.as_of))
        answer = await remote.call("scoring", "ComputeRfm", message, credential, deadline_s=COMPUTE_S)
        return RfmSummary.of(answer.summary)

    @routes.get("/{model}/summary")
    async def rfm_summary(
        model: str, credential: Reader, as_of: Annotated[datetime | None, Query()] = None
    ) -> RfmSummary:
        message = pb.GetRfmSummaryRequest(model=model)
        if as_of:
            message.as_of_time.CopyFrom(stamp(as_of))
        return RfmSummary.of((await remote.call("scoring", "GetRfmSummary", message, credential)).summary)

    return routes
