"""Members of staff, and what becomes of their customers when they leave."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.profile.v1 import directory_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import PROBLEMS, Page, PageSize, PageToken
from gateway_service.routes._rights import MOST_UNIT_CHARS
from gateway_service.routes.relations import MAX_KIND_CHARS, MAX_REASON_CHARS, MAX_STAFF_CHARS, Relation
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("profiles:read", confined=True))]
Writer = Annotated[Credential, Depends(needs("profiles:write"))]
MAX_NAME_CHARS = 200


class StaffMember(BaseModel):
    model_config = ConfigDict(extra="forbid")

    staff_id: str = Field(min_length=1, max_length=MAX_STAFF_CHARS)
    """As the company knows them."""
    name: str = Field(default="", max_length=MAX_NAME_CHARS)
    wecom_user_id: str = Field(default="", max_length=MAX_STAFF_CHARS)
    org_unit_id: str = Field(default="", max_length=MOST_UNIT_CHARS)
    active: bool = True

    @classmethod
    def of(cls, member: pb.StaffMember) -> Self:
        return cls.model_construct(
            staff_id=member.staff_id,
            name=member.name,
            wecom_user_id=member.wecom_user_id,
            org_unit_id=member.org_unit_id,
            active=member.active,
        )


class HandOver(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to_staff_id: str = Field(min_length=1, max_length=MAX_STAFF_CHARS)
    kind: str = Field(default="", max_length=MAX_KIND_CHARS)
    """Only relations of this kind."""
    reason: str = Field(default="", max_length=MAX_REASON_CHARS)


class HandedOver(BaseModel):
    transferred: int
    more: bool
    """Some are left: call it again."""


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1/staff", tags=["staff"], responses=PROBLEMS)

    @routes.get("")
    async def list_staff(
        credential: Reader,
        org_unit: Annotated[
            str, Query(max_length=MOST_UNIT_CHARS, description="Only of this org unit and all below it")
        ] = "",
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Page[StaffMember]:
        """By id."""
        message = pb.ListStaffRequest(org_unit_id=org_unit, page_size=page_size, page_token=page_token)
        answer = await remote.call("profile", "ListStaff", message, credential)
        return Page[StaffMember](
            items=[StaffMember.of(one) for one in answer.staff], next_page_token=answer.next_page_token
        )

    @routes.put("")
    async def set_staff_member(body: StaffMember, request: Request, credential: Writer) -> StaffMember:
        """Makes them or replaces all that is known of them."""
        message = pb.SetStaffMemberRequest(
            staff_member=pb.StaffMember(**body.model_dump()), request_id=mutation_id(request, credential)
        )
        answer = await remote.call("profile", "SetStaffMember", message, credential)
        return StaffMember.of(answer.staff_member)

    @routes.get("/{staff_id}/relations")
    async def list_staff_relations(
        staff_id: str,
        credential: Reader,
        active_only: bool = False,
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Page[Relation]:
        """Newest first."""
        message = pb.ListRelationsRequest(
            staff_id=staff_id, active_only=active_only, page_size=page_size, page_token=page_token
        )
        answer = await remote.call("profile", "ListRelations", message, credential)
        return Page[Relation](
            items=[Relation.of(one) for one in answer.relations], next_page_token=answer.next_page_token
        )

    @routes.post("/{staff_id}:transfer")
    async def transfer_staff_relations(
        staff_id: str, body: HandOver, request: Request, credential: Writer
    ) -> HandedOver:
        """Hands up to 500 of their lasting relations to another."""
        message = pb.TransferStaffRelationsRequest(
            staff_id=staff_id, **body.model_dump(), request_id=mutation_id(request, credential)
        )
        answer = await remote.call("profile", "TransferStaffRelations", message, credential, deadline_s=15.0)
        return HandedOver(transferred=answer.transferred, more=answer.more)

    return routes
