"""The tree of org units. Who is confined to some of them sees these and what is under them."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.profile.v1 import directory_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import PROBLEMS, Page, PageSize, PageToken
from gateway_service.routes._rights import MOST_UNIT_CHARS
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("profiles:read", confined=True))]
Writer = Annotated[Credential, Depends(needs("profiles:write"))]
MAX_NAME_CHARS = 200


class OrgUnit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    org_unit_id: str = Field(min_length=1, max_length=MOST_UNIT_CHARS)
    """As `context.org_unit` of events, keys and members name it."""
    parent_id: str = Field(default="", max_length=MOST_UNIT_CHARS)
    """Empty for a root."""
    name: str = Field(min_length=1, max_length=MAX_NAME_CHARS)
    kind: Literal["brand", "region", "store"]
    archived: bool = False

    @classmethod
    def of(cls, unit: pb.OrgUnit) -> Self:
        return cls.model_construct(
            org_unit_id=unit.org_unit_id,
            parent_id=unit.parent_id,
            name=unit.name,
            kind=unit.kind,
            archived=unit.archived,
        )


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1/org-units", tags=["org units"], responses=PROBLEMS)

    @routes.get("")
    async def list_org_units(
        credential: Reader,
        under: Annotated[str, Query(max_length=MOST_UNIT_CHARS, description="This and all below it")] = "",
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Page[OrgUnit]:
        """By id."""
        message = pb.ListOrgUnitsRequest(under=under, page_size=page_size, page_token=page_token)
        answer = await remote.call("profile", "ListOrgUnits", message, credential)
        return Page[OrgUnit](
            items=[OrgUnit.of(one) for one in answer.org_units], next_page_token=answer.next_page_token
        )

    @routes.put("")
    async def set_org_unit(body: OrgUnit, request: Request, credential: Writer) -> OrgUnit:
        """Makes it or replaces it; with another parent it moves, and everything under it does."""
        message = pb.SetOrgUnitRequest(
            org_unit=pb.OrgUnit(**body.model_dump()), request_id=mutation_id(request, credential)
        )
        answer = await remote.call("profile", "SetOrgUnit", message, credential)
        return OrgUnit.of(answer.org_unit)

    return routes
