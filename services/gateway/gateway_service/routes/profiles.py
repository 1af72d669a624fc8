"""People, merges, the health of identity."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, model_validator
from waypost.profile.v1 import profile_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote
from gateway_service.routes._answers import (
    PROBLEMS,
    JsonObject,
    Moment,
    Page,
    PageSize,
    PageToken,
    given,
    json_of,
    moment,
)
from gateway_service.routes._people import key_of, profile_id_of
from gateway_service.routes.consents import InForce
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("profiles:read"))]
ConfinedReader = Annotated[Credential, Depends(needs("profiles:read", confined=True))]
"""Profile shows those who are confined to org units the people whom these know."""


class Identifier(BaseModel):
    type: str
    scope: str
    value: str
    """Masked for types marked as personal data."""
    identity_id: str
    created_at: Moment | None


class ContactPoint(BaseModel):
    type: str
    contact_key: str
    address: str
    """Masked."""
    updated_at: Moment | None


class Profile(BaseModel):
    profile_id: str
    profile_no: int
    traits: JsonObject
    identifiers: list[Identifier]
    contact_points: list[ContactPoint]
    created_at: Moment
    updated_at: Moment
    version: int
    event_count: int
    no_profiling: bool
    """The person withdrew the purpose profiling."""
    consents: list[InForce]

    @classmethod
    def of(cls, profile: pb.Profile) -> Self:
        return cls(
            profile_id=profile.profile_id,
            profile_no=profile.profile_no,
            traits=json_of(profile.traits_json),
            identifiers=[
                Identifier(
                    type=one.type,
                    scope=one.scope,
                    value=one.value,
                    identity_id=one.identity_id,
                    created_at=moment(one, "create_time"),
                )
                for one in profile.identifiers
            ],
            contact_points=[
                ContactPoint(
                    type=one.type,
                    contact_key=one.contact_key,
                    address=one.address,
                    updated_at=moment(one, "update_time"),
                )
                for one in profile.contact_points
            ],
            created_at=given(profile, "create_time"),
            updated_at=given(profile, "update_time"),
            version=profile.version,
            event_count=profile.event_count,
            no_profiling=profile.no_profiling,
            consents=[InForce.of(one) for one in profile.consents],
        )


class Lookup(BaseModel):
    """Exactly one of phone, email, or type and value."""

    model_config = ConfigDict(extra="forbid")

    phone: str | None = Field(default=None, min_length=1, max_length=512)
    email: str | None = Field(default=None, min_length=1, max_length=512)
    type: str | None = Field(default=None, min_length=1, max_length=64)
    value: str | None = Field(default=None, min_length=1, max_length=512)
    scope: str = Field(default="", max_length=512)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [self.phone is not None, self.email is not None, self.type is not None]
        if sum(ways) != 1 or (self.type is None) != (self.value is None):
            raise ValueError("give exactly one of phone, email, or type with value")
        return self

    def key(self) -> pb.IdentifierKey:
        if self.phone is not None:
            return pb.IdentifierKey(type="phone", value=self.phone)
        if self.email is not None:
            return pb.IdentifierKey(type="email", value=self.email)
        return pb.IdentifierKey(type=self.type or "", scope=self.scope, value=self.value or "")


class Merge(BaseModel):
    merge_id: str
    profile_id: str
    merged_profile_ids: list[str]
    rule: str
    evidence: Any
    created_at: Moment


class IdentityHealth(BaseModel):
    profile_count: int
    identity_count: int
    merge_count: int
    event_count: int
    dead_letter_count: int
    cluster_sizes: list[int]
    """People by number of identities: the first counts people of one identity, the last those of ten and more."""


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["profiles"], responses=PROBLEMS)

    @routes.post("/profiles:lookup")
    async def lookup(body: Lookup, credential: ConfinedReader) -> Profile:
        request = pb.GetProfileRequest(identifier=body.key())
        return Profile.of((await remote.call("profile", "GetProfile", request, credential)).profile)

    @routes.get("/profiles/{profile}")
    async def get_profile(profile: str, credential: ConfinedReader) -> Profile:
        answer = await remote.call("profile", "GetProfile", key_of(profile), credential)
        return Profile.of(answer.profile)

    @routes.get("/profiles/{profile}/merges")
    async def list_merges(
        profile: str, credential: ConfinedReader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Merge]:
        profile_id = await profile_id_of(remote, credential, profile)
        request = pb.ListMergesRequest(profile_id=profile_id, page_size=page_size, page_token=page_token)
        answer = await remote.call("profile", "ListMerges", request, credential)
        return Page[Merge](
            items=[
                Merge(
                    merge_id=one.merge_id,
                    profile_id=one.profile_id,
                    merged_profile_ids=list(one.merged_profile_ids),
                    rule=one.rule,
                    evidence=json_of(one.evidence_json),
                    created_at=given(one, "create_time"),
                )
                for one in answer.merges
            ],
            next_page_token=answer.next_page_token,
        )

    @routes.get("/identity/health")
    async def identity_health(credential: Reader) -> IdentityHealth:
        answer = await remote.call("profile", "GetIdentityHealth", pb.GetIdentityHealthRequest(), credential)
        return IdentityHealth(
            profile_count=answer.profile_count,
            identity_count=answer.identity_count,
            merge_count=answer.merge_count,
            event_count=answer.event_count,
            dead_letter_count=answer.dead_letter_count,
            cluster_sizes=list(answer.cluster_sizes),
        )

    return routes
