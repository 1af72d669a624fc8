"""Segments by rule."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.segment.v1 import segment_service_pb2 as pb

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
from gateway_service.routes._people import profile_id_of
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("segments:read"))]
Writer = Annotated[Credential, Depends(needs("segments:write"))]


class NewSegment(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    rule: JsonObject


class Description(BaseModel):
    en: str
    zh: str


class Segment(BaseModel):
    segment_id: str
    name: str
    rule: Any
    version: int
    state: str
    size: int
    description: Description
    created_at: Moment

    @classmethod
    def of(cls, segment: pb.Segment) -> Self:
        return cls(
            segment_id=segment.segment_id,
            name=segment.name,
            rule=json_of(segment.rule_json),
            version=segment.version,
            state=word(pb.SegmentState, segment.state),
            size=segment.size,
            description=Description(en=segment.description_en, zh=segment.description_zh),
            created_at=given(segment, "create_time"),
        )


class Member(BaseModel):
    profile_id: str
    profile_no: int
    entered_at: Moment


class ExplainOf(BaseModel):
    model_config = ConfigDict(extra="forbid")

    profile: str = Field(min_length=1, max_length=1200)


class Explanation(BaseModel):
    member: bool
    tree: Any
    """The rule with true or false and the values used at every node."""


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1/segments", tags=["segments"], responses=PROBLEMS)

    @routes.post("", status_code=201)
    async def create_segment(body: NewSegment, request: Request, credential: Writer) -> Segment:
        message = pb.CreateSegmentRequest(
            name=body.name, rule_json=json_bytes(body.rule), request_id=mutation_id(request, credential)
        )
        return Segment.of((await remote.call("segment", "CreateSegment", message, credential)).segment)

    @routes.get("")
    async def list_segments(
        credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Segment]:
        message = pb.ListSegmentsRequest(page_size=page_size, page_token=page_token)
        answer = await remote.call("segment", "ListSegments", message, credential)
        return Page[Segment](
            items=[Segment.of(one) for one in answer.segments], next_page_token=answer.next_page_token
        )

    @routes.get("/{segment_id}")
    async def get_segment(segment_id: str, credential: Reader) -> Segment:
        message = pb.GetSegmentRequest(segment_id=segment_id)
        return Segment.of((await remote.call("segment", "GetSegment", message, credential)).segment)

    @routes.get("/{segment_id}/members")
    async def list_members(
        segment_id: str, credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Member]:
        message = pb.ListSegmentMembersRequest(
            segment_id=segment_id, page_size=page_size, page_token=page_token
        )
        answer = await remote.call("segment", "ListSegmentMembers", message, credential)
        return Page[Member](
            items=[
                Member(
                    profile_id=one.profile_id,
                    profile_no=one.profile_no,
                    entered_at=given(one, "enter_time"),
                )
                for one in answer.members
            ],
            next_page_token=answer.next_page_token,
        )

    @routes.post("/{segment_id}:explain")
    async def explain(segment_id: str, body: ExplainOf, credential: Reader) -> Explanation:
        profile_id = await profile_id_of(remote, credential, body.profile, "/profile")
        message = pb.ExplainMembershipRequest(segment_id=segment_id, profile_id=profile_id)
        answer = await remote.call("segment", "ExplainMembership", message, credential)
        return Explanation(member=answer.member, tree=json_of(answer.tree_json))

    return routes
