"""Addresses that nothing may be sent to: listed, closed by hand, opened again. An address never shows: a contact key
stands for it."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from waypost.dispatch.v1 import suppression_service_pb2 as pb
from waypost.profile.v1 import consent_service_pb2 as profile_pb

from gateway_service.auth import needs
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import PROBLEMS, Moment, Page, PageSize, PageToken, given, moment
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("consents:read"))]
Writer = Annotated[Credential, Depends(needs("consents:write"))]


class Address(BaseModel):
    """Exactly one of address and contact_key."""

    model_config = ConfigDict(extra="forbid")

    channel: str = Field(max_length=64)
    address: str = Field(default="", max_length=512)
    contact_key: str = Field(default="", max_length=64)
    purpose: str = Field(default="", max_length=64)
    """marketing, transactional, or empty for all."""
    note: str = Field(default="", max_length=2_000)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.address) == bool(self.contact_key):
            raise ValueError("give exactly one of address and contact_key")
        return self


class NewSuppression(Address):
    reason: str = Field(default="manual", max_length=64)
    """hard_bounce, complaint, legal or manual."""


class Lift(Address):
    """The note says why."""


class Suppression(BaseModel):
    channel: str
    contact_key: str
    purpose: str
    """Empty: nothing at all is sent."""
    reason: str
    """hard_bounce, complaint, unsubscribed, legal or manual."""
    note: str
    message_id: str
    """The message that it came of, or the reply; empty when somebody closed it."""
    closed_by: str
    created_at: Moment
    lifted_at: Moment | None
    lifted_by: str
    lift_note: str

    @classmethod
    def of(cls, found: pb.Suppression) -> Self:
        return cls(
            channel=found.channel,
            contact_key=found.contact_key,
            purpose=found.purpose,
            reason=found.reason,
            note=found.note,
            message_id=found.message_id,
            closed_by=found.closed_by,
            created_at=given(found, "create_time"),
            lifted_at=moment(found, "lift_time"),
            lifted_by=found.lifted_by,
            lift_note=found.lift_note,
        )


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["consents"], responses=PROBLEMS)

    async def key_of(body: Address, credential: Credential) -> str:
        if body.contact_key:
            return body.contact_key
        message = profile_pb.GetContactKeyRequest(channel=body.channel, address=body.address)
        answer = await remote.call("profile", "GetContactKey", message, credential)
        return str(answer.contact_key)

    @routes.get("/suppressions")
    async def list_suppressions(
        credential: Reader, lifted: bool = False, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Suppression]:
        """Newest first; `lifted` lists those that were opened again."""
        message = pb.ListSuppressionsRequest(lifted=lifted, page_size=page_size, page_token=page_token)
        answer = await remote.call("dispatch", "ListSuppressions", message, credential)
        return Page[Suppression](
            items=[Suppression.of(one) for one in answer.suppressions],
            next_page_token=answer.next_page_token,
        )

    @routes.post("/suppressions", status_code=201)
    async def add_suppression(body: NewSuppression, request: Request, credential: Writer) -> Suppression:
        message = pb.AddSuppressionRequest(
            **body.model_dump(exclude={"address", "contact_key"}),
            contact_key=await key_of(body, credential),
            request_id=mutation_id(request, credential),
        )
        answer = await remote.call("dispatch", "AddSuppression", message, credential)
        return Suppression.of(answer.suppression)

    @routes.post("/suppressions:lift")
    async def lift_suppression(body: Lift, request: Request, credential: Writer) -> Suppression:
        message = pb.LiftSuppressionRequest(
            **body.model_dump(exclude={"address", "contact_key"}),
            contact_key=await key_of(body, credential),
            request_id=mutation_id(request, credential),
        )
        answer = await remote.call("dispatch", "LiftSuppression", message, credential)
        return Suppression.of(answer.suppression)

    return routes
