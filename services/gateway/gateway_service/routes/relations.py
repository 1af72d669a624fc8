"""Relations between staff and customers: who is whose, since when, and who ended it."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.profile.v1 import directory_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import (
    PROBLEMS,
    Instant,
    Moment,
    Page,
    PageSize,
    PageToken,
    given,
    moment,
    stamp,
)
from gateway_service.routes._people import identity_id_of, profile_id_of
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("profiles:read", confined=True))]
Writer = Annotated[Credential, Depends(needs("profiles:write", confined=True))]
MAX_STAFF_CHARS = 128
MAX_KIND_CHARS = 64
MAX_REASON_CHARS = 500


class NewRelation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    staff_id: str = Field(min_length=1, max_length=MAX_STAFF_CHARS)
    kind: str = Field(min_length=1, max_length=MAX_KIND_CHARS, examples=["wecom_contact"])
    since: Instant | None = None
    """Now unless given."""
    source: str = Field(default="", max_length=MAX_KIND_CHARS)
    """What tells of it, for example an import."""


class Ending(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ended_by: Literal["staff", "customer", "system"] = "staff"
    reason: str = Field(default="", max_length=MAX_REASON_CHARS)


class Transfer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to_staff_id: str = Field(min_length=1, max_length=MAX_STAFF_CHARS)
    reason: str = Field(default="", max_length=MAX_REASON_CHARS)


class Relation(BaseModel):
    relation_id: str
    staff_id: str
    profile_id: str
    kind: str
    source: str
    since: Moment
    until: Moment | None
    ended_by: str
    end_reason: str
    transferred_to: str
    """Staff id of who took over."""

    @classmethod
    def of(cls, relation: pb.Relation) -> Self:
        return cls(
            relation_id=relation.relation_id,
            staff_id=relation.staff_id,
            profile_id=relation.profile_id,
            kind=relation.kind,
            source=relation.source,
            since=given(relation, "start_time"),
            until=moment(relation, "end_time"),
            ended_by=relation.ended_by,
            end_reason=relation.end_reason,
            transferred_to=relation.transferred_to,
        )


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1/profiles/{profile}/relations", tags=["relations"], responses=PROBLEMS)

    @routes.get("")
    async def list_relations(
        profile: str,
        credential: Reader,
        active_only: bool = False,
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Page[Relation]:
        """Newest first."""
        message = pb.ListRelationsRequest(
            profile_id=await profile_id_of(remote, credential, profile),
            active_only=active_only,
            page_size=page_size,
            page_token=page_token,
        )
        answer = await remote.call("profile", "ListRelations", message, credential)
        return Page[Relation](
            items=[Relation.of(one) for one in answer.relations], next_page_token=answer.next_page_token
        )

    @routes.post("", status_code=201)
    async def add_relation(profile: str, body: NewRelation, request: Request, credential: Writer) -> Relation:
        """Answers the one there is when one of the kind lasts already between the two."""
        message = pb.AddRelationRequest(
            profile_id=await identity_id_of(remote, credential, profile),
            staff_id=body.staff_id,
            kind=body.kind,
            source=body.source,
            start_time=stamp(body.since) if body.since else None,
            request_id=mutation_id(request, credential),
        )
        answer = await remote.call("profile", "AddRelation", message, credential)
        return Relation.of(answer.relation)

    @routes.post("/{relation_id}:end")
    async def end_relation(
        profile: str, relation_id: str, body: Ending, request: Request, credential: Writer
    ) -> Relation:
        message = pb.EndRelationRequest(
            profile_id=await identity_id_of(remote, credential, profile),
            relation_id=relation_id,
            **body.model_dump(),
            request_id=mutation_id(request, credential),
        )
        answer = await remote.call("profile", "EndRelation", message, credential)
        return Relation.of(answer.relation)

    @routes.post("/{relation_id}:transfer")
    async def transfer_relation(
        profile: str, relation_id: str, body: Transfer, request: Request, credential: Writer
    ) -> Relation:
        """Ends it and begins the same with another member of staff, which is answered."""
        message = pb.TransferRelationRequest(
            profile_id=await identity_id_of(remote, credential, profile),
            relation_id=relation_id,
            **body.model_dump(),
            request_id=mutation_id(request, credential),
        )
        answer = await remote.call("profile", "TransferRelation", message, credential)
        return Relation.of(answer.relation)

    return routes
