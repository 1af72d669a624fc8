"""Where a person stands: what segment and scoring know of whom profile knows."""

import asyncio
from dataclasses import dataclass, field

import grpc
from chassis.errors import ServiceError
from pydantic import BaseModel
from waypost.scoring.v1 import rfm_service_pb2 as scoring_pb
from waypost.segment.v1 import segment_service_pb2 as segment_pb

from gateway_service.remote import Remote
from gateway_service.routes._answers import Moment, given
from gateway_service.routes._away import ask
from gateway_service.store.keys import Credential

MODEL = "default"


class InSegment(BaseModel):
    segment_id: str
    name: str
    entered_at: Moment


class RfmScore(BaseModel):
    """1 (worst) to 5 (best) on each axis."""

    recency: int
    frequency: int
    monetary: int
    group: str
    as_of: Moment


class Scores(BaseModel):
    rfm: dict[str, RfmScore]
    """By model; of whoever never bought there is none."""


@dataclass(slots=True)
class Standing:
    """None: not for this credential to see, or not answered."""

    segments: list[InSegment] | None = None
    scores: Scores | None = None
    missing: list[str] = field(default_factory=list)


async def standing_of(remote: Remote, credential: Credential, profile_id: str) -> Standing:
    found = Standing()

    async def segments() -> None:
        request = segment_pb.ListPersonSegmentsRequest(profile_id=profile_id)
        answer = await ask(remote, "segment", "ListPersonSegments", request, credential)
        if answer is None:
            found.missing.append("segment")
            return
        found.segments = [
            InSegment(segment_id=one.segment_id, name=one.name, entered_at=given(one, "enter_time"))
            for one in answer.segments
        ]

    async def scores() -> None:
        request = scoring_pb.GetRfmScoreRequest(model=MODEL, profile_id=profile_id)
        try:
            answer = await ask(remote, "scoring", "GetRfmScore", request, credential)
        except ServiceError as error:
            if error.code is not grpc.StatusCode.NOT_FOUND:
                raise
            found.scores = Scores(rfm={})
            return
        if answer is None:
            found.missing.append("scoring")
            return
        score = RfmScore(
            recency=answer.recency,
            frequency=answer.frequency,
            monetary=answer.monetary,
            group=answer.group,
            as_of=given(answer, "as_of_time"),
        )
        found.scores = Scores(rfm={MODEL: score})

    asking = [segments()] if credential.allows("segments:read") else []
    asking += [scores()] if credential.allows("scoring:read") else []
    await asyncio.gather(*asking)
    found.missing.sort()
    return found
