"""People by many ways. What is personal in a question travels in a body, where it stays out of logs."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from waypost.profile.v1 import search_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.problems import FieldError, Problem
from gateway_service.remote import Remote
from gateway_service.routes._answers import PROBLEMS, Page, PageSize, PageToken, Time, stamp_of
from gateway_service.routes._people import key_of
from gateway_service.routes.profiles import Profile
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("profiles:read", confined=True))]
MOST_PROFILES = 500


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    profiles: list[Annotated[str, Field(max_length=1200)]] = Field(min_length=1, max_length=MOST_PROFILES)
    """Profile ids, `type:value` or `type@scope:value`; here phone and email too."""


class Found(BaseModel):
    items: list[Profile | None]
    """In the order asked; null for whom nobody knows."""
    missing: list[int]
    """The positions of those."""


class Search(BaseModel):
    """Exactly one of phone, email, name, phone_last4, email_local and email_domain."""

    model_config = ConfigDict(extra="forbid")

    phone: str | None = Field(default=None, min_length=1, max_length=512)
    """Whole; whose identifier or contact point it is, or was. E-mail addresses likewise."""
    email: str | None = Field(default=None, min_length=1, max_length=512)
    name: str | None = Field(default=None, min_length=1, max_length=64)
    """Two characters or more, anywhere in a name."""
    phone_last4: str | None = Field(default=None, pattern="^[0-9]{4}$")
    email_local: str | None = Field(default=None, min_length=1, max_length=64)
    """Before the @."""
    email_domain: str | None = Field(default=None, min_length=1, max_length=255)
    """Behind the @."""
    page_size: int = Field(default=0, ge=0, le=10_000)
    page_token: str = Field(default="", max_length=4096)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.phone, self.email, self.name, self.phone_last4, self.email_local, self.email_domain)
        if sum(way is not None for way in ways) != 1:
            raise ValueError(
                "give exactly one of phone, email, name, phone_last4, email_local and email_domain"
            )
        return self


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["profiles"], responses=PROBLEMS)

    @routes.post("/profiles:batchGet")
    async def batch_get_profiles(body: Wanted, credential: Reader) -> Found:
        request = pb.BatchGetProfilesRequest(profiles=[_key(n, one) for n, one in enumerate(body.profiles)])
        answer = await remote.call("profile", "BatchGetProfiles", request, credential)
        people = [Profile.of(one, credential) for one in answer.profiles]
        return Found(
            items=[people[at] if at >= 0 else None for at in answer.positions],
            missing=[n for n, at in enumerate(answer.positions) if at < 0],
        )

    @routes.post("/profiles:search")
    async def search_profiles(body: Search, credential: Reader) -> Page[Profile]:
        """Those met last first. A page may hold fewer than asked, or none, and have a next one."""
        request = pb.SearchProfilesRequest(**body.model_dump(exclude_none=True))
        answer = await remote.call("profile", "SearchProfiles", request, credential)
        return _page(answer, credential)

    @routes.get("/profiles")
    async def list_profiles(
        credential: Reader,
        created_from: Time = None,
        created_to: Time = None,
        updated_from: Time = None,
        updated_to: Time = None,
        identifier_type: Annotated[str, Query(max_length=64)] = "",
        org_unit: Annotated[str, Query(max_length=128)] = "",
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Page[Profile]:
        """Those met last first. With filters a page may hold fewer than asked, or none, and have a next one."""
        request = pb.ListProfilesRequest(
            create_from_time=stamp_of(created_from),
            create_to_time=stamp_of(created_to),
            update_from_time=stamp_of(updated_from),
            update_to_time=stamp_of(updated_to),
            identifier_type=identifier_type,
            org_unit_id=org_unit,
            page_size=page_size,
            page_token=page_token,
        )
        answer = await remote.call("profile", "ListProfiles", request, credential)
        return _page(answer, credential)

    return routes


def _page(
    answer: pb.ListProfilesResponse | pb.SearchProfilesResponse, credential: Credential
) -> Page[Profile]:
    return Page[Profile](
        items=[Profile.of(one, credential) for one in answer.profiles],
        next_page_token=answer.next_page_token,
    )


def _key(position: int, text: str) -> pb.ProfileKey:
    kind, _, value = text.partition(":")
    if kind in ("phone", "email") and value:
        return pb.ProfileKey(identifier={"type": kind, "value": value})
    try:
        asked = key_of(text)
    except Problem as problem:
        found = [FieldError(pointer=f"/profiles/{position}", reason=one.reason) for one in problem.errors]
        raise Problem(problem.status, problem.reason, problem.detail, errors=found) from problem
    if asked.WhichOneof("key") == "profile_id":
        return pb.ProfileKey(profile_id=asked.profile_id)
    return pb.ProfileKey(identifier=asked.identifier)
