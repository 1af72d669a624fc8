"""One-time subscribe messages that people accepted."""

from typing import Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.profile.v1 import consent_service_pb2 as pb
from waypost.profile.v1 import credit_service_pb2 as credit_pb

from gateway_service.problems import Problem
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
from gateway_service.routes.consents import ConfinedReader, ConfinedWriter


class NewCredit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    app_id: str = Field(min_length=1, max_length=512)
    template_id: str = Field(min_length=1, max_length=512)
    count: int = Field(default=1, ge=1, le=100)
    openid: str = Field(default="", max_length=512)
    """Which of several openids of the app."""
    source: str = Field(default="", max_length=512)
    granted_at: Instant | None = None
    expires_at: Instant | None = None
    """Never, when left out."""


class Credit(BaseModel):
    grant_id: str
    identity_id: str
    """The openid that accepted."""
    app_id: str
    template_id: str
    count: int
    used: int
    left: int
    source: str
    granted_at: Moment
    expires_at: Moment | None

    @classmethod
    def of(cls, grant: pb.CreditGrant) -> Self:
        return cls(
            grant_id=grant.grant_id,
            identity_id=grant.identity_id,
            app_id=grant.app_id,
            template_id=grant.template_id,
            count=grant.count,
            used=grant.used_count,
            left=grant.count - grant.used_count,
            source=grant.source,
            granted_at=given(grant, "grant_time"),
            expires_at=moment(grant, "expire_time"),
        )


class MessageToSend(BaseModel):
    model_config = ConfigDict(extra="forbid")

    message_id: str = Field(min_length=1, max_length=200)
    """A message uses one credit, however often it is asked for."""
    app_id: str = Field(min_length=1, max_length=512)
    template_id: str = Field(min_length=1, max_length=512)


class CreditUse(BaseModel):
    message_id: str
    grant_id: str
    identity_id: str
    """The openid that accepted, and that the message may be sent to."""


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["consents"], responses=PROBLEMS)

    @routes.post("/profiles/{profile}/credits", status_code=201)
    async def grant_credit(
        profile: str, body: NewCredit, request: Request, credential: ConfinedWriter
    ) -> Credit:
        message = pb.GrantCreditRequest(
            **body.model_dump(exclude={"granted_at", "expires_at"}),
            profile_id=await identity_id_of(remote, credential, profile),
            grant_time=None if body.granted_at is None else stamp(body.granted_at),
            expire_time=None if body.expires_at is None else stamp(body.expires_at),
            request_id=mutation_id(request, credential),
        )
        return Credit.of((await remote.call("profile", "GrantCredit", message, credential)).grant)

    @routes.post("/profiles/{profile}/credits:use")
    async def use_credit(profile: str, body: MessageToSend, credential: ConfinedWriter) -> CreditUse:
        """Of several grants the one that expires first is used. 409 when none is left."""
        profile_id = await profile_id_of(remote, credential, profile)
        wanted = credit_pb.CreditWanted(**body.model_dump(), profile_id=profile_id)
        message = credit_pb.UseCreditsRequest(wanted=[wanted])
        [use] = (await remote.call("profile", "UseCredits", message, credential)).uses
        if not use.grant_id:
            raise Problem(409, "STATE_CONFLICT", "no credit for this app and template is left")
        return CreditUse(message_id=use.message_id, grant_id=use.grant_id, identity_id=use.identity_id)

    @routes.get("/profiles/{profile}/credits")
    async def list_credits(
        profile: str, credential: ConfinedReader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Credit]:
        """One-time subscribe messages that the person accepted and that have not expired, newest first."""
        message = pb.ListCreditsRequest(
            profile_id=await profile_id_of(remote, credential, profile),
            page_size=page_size,
            page_token=page_token,
        )
        answer = await remote.call("profile", "ListCredits", message, credential)
        return Page[Credit](
            items=[Credit.of(one) for one in answer.grants], next_page_token=answer.next_page_token
        )

    return routes
