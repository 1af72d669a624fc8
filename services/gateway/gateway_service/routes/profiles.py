"""People, merges, the health of identity."""

from typing import Annotated, Any, Self

from chassis.grpc_client import RemoteError
from fastapi import APIRouter, Depends
from grpc import StatusCode
from pydantic import BaseModel, ConfigDict, Field, model_validator
from waypost.profile.v1 import profile_service_pb2 as pb
from waypost.profile.v1 import search_service_pb2 as search_pb

from gateway_service.auth import needs
from gateway_service.masking import masked
from gateway_service.problems import Problem
from gateway_service.remote import Remote
from gateway_service.roles import PERSONAL_READ
from gateway_service.routes._answers import (
    PROBLEMS,
    JsonObject,
    Moment,
    Page,
    PageSize,
    PageToken,
    Time,
    given,
    json_of,
    moment,
    stamp,
)
from gateway_service.routes._people import key_of, profile_id_of
from gateway_service.routes._standing import InSegment, Scores, Standing, standing_of
from gateway_service.routes.consents import InForce
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("profiles:read"))]
ConfinedReader = Annotated[Credential, Depends(needs("profiles:read", confined=True))]
"""Profile shows those who are confined to org units the people whom these know."""

_MOST_PAGES = 5
_NOT_IDENTIFIED = (StatusCode.NOT_FOUND, StatusCode.INVALID_ARGUMENT)
"""Of a search that is to find one person."""


class Identifier(BaseModel):
    type: str
    scope: str
    value: str
    """Masked for types marked as personal data."""
    identity_id: str
    created_at: Moment | None
    verified: bool
    """false: it was named of the person, and identifies nobody."""


class ContactPoint(BaseModel):
    type: str
    contact_key: str
    address: str
    """Masked."""
    updated_at: Moment | None
    verified: bool
    """It is an identifier of the person, too. These are written to before others."""


class TraitSource(BaseModel):
    source: str
    """Empty for what was said before sources were noted."""
    at: Moment | None


class EventCount(BaseModel):
    event: str
    count: int
    first_at: Moment
    last_at: Moment


class OrderSum(BaseModel):
    currency: str
    orders: int
    total_minor: int
    net_minor: int
    """What was not given back."""


class OfAccount(BaseModel):
    account_id: str
    name: str
    role: str
    since: Moment
    until: Moment | None


class Profile(BaseModel):
    profile_id: str
    profile_no: int
    traits: JsonObject
    trait_sources: dict[str, TraitSource]
    """Of each trait the source whose word holds, and when that was said."""
    identifiers: list[Identifier]
    contact_points: list[ContactPoint]
    created_at: Moment
    updated_at: Moment
    version: int
    event_count: int
    """In the person's life, whether or not the events are still stored."""
    event_counts: list[EventCount]
    """Of the 100 events done last."""
    order_sums: list[OrderSum]
    """By currency, without cancelled orders."""
    accounts: list[OfAccount]
    etag: str
    """For If-Match of a correction; empty when shown as of a moment."""
    no_profiling: bool
    """The person withdrew the purpose profiling."""
    consents: list[InForce]

    @classmethod
    def of(cls, profile: pb.Profile, credential: Credential) -> Self:
        """Personal traits are hidden from whoever may not see them."""
        traits = json_of(profile.traits_json)
        return cls(
            profile_id=profile.profile_id,
            profile_no=profile.profile_no,
            traits=traits if credential.allows(PERSONAL_READ) else masked(traits),
            trait_sources={
                one.trait: TraitSource(source=one.source, at=moment(one, "state_time"))
                for one in profile.trait_sources
            },
            identifiers=[
                Identifier(
                    type=one.type,
                    scope=one.scope,
                    value=one.value,
                    identity_id=one.identity_id,
                    created_at=moment(one, "create_time"),
                    verified=not one.unverified,
                )
                for one in profile.identifiers
            ],
            contact_points=[
                ContactPoint(
                    type=one.type,
                    contact_key=one.contact_key,
                    address=one.address,
                    updated_at=moment(one, "update_time"),
                    verified=one.verified,
                )
                for one in profile.contact_points
            ],
            created_at=given(profile, "create_time"),
            updated_at=given(profile, "update_time"),
            version=profile.version,
            event_count=profile.event_count,
            event_counts=[
                EventCount(
                    event=one.event,
                    count=one.count,
                    first_at=given(one, "first_time"),
                    last_at=given(one, "last_time"),
                )
                for one in profile.event_counts
            ],
            order_sums=[
                OrderSum(
                    currency=one.currency,
                    orders=one.orders,
                    total_minor=one.total_minor,
                    net_minor=one.net_minor,
                )
                for one in profile.order_sums
            ],
            accounts=[
                OfAccount(
                    account_id=one.account_id,
                    name=one.name,
                    role=one.role,
                    since=given(one, "start_time"),
                    until=moment(one, "end_time"),
                )
                for one in profile.accounts
            ],
            etag=profile.etag,
            no_profiling=profile.no_profiling,
            consents=[InForce.of(one) for one in profile.consents],
        )


class WholeProfile(Profile):
    segments: list[InSegment] | None
    """Those the person is in now; null when the key may not see them, segment did not answer, or the past was asked
    for."""
    scores: Scores | None
    """Likewise."""
    missing: list[str]
    """Services that did not answer."""

    @classmethod
    def of_all(cls, profile: pb.Profile, credential: Credential, standing: Standing) -> Self:
        known = Profile.of(profile, credential)
        return cls(
            **dict(known), segments=standing.segments, scores=standing.scores, missing=standing.missing
        )


class Lookup(BaseModel):
    """Exactly one of phone, email, name, phone_last4, or type and value."""

    model_config = ConfigDict(extra="forbid")

    phone: str | None = Field(default=None, min_length=1, max_length=512)
    email: str | None = Field(default=None, min_length=1, max_length=512)
    name: str | None = Field(default=None, min_length=1, max_length=512)
    phone_last4: str | None = Field(default=None, min_length=1, max_length=16)
    type: str | None = Field(default=None, min_length=1, max_length=64)
    value: str | None = Field(default=None, min_length=1, max_length=512)
    scope: str = Field(default="", max_length=512)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.phone, self.email, self.name, self.phone_last4, self.type)
        if sum(way is not None for way in ways) != 1 or (self.type is None) != (self.value is None):
            raise ValueError("give exactly one of phone, email, name, phone_last4, or type with value")
        return self

    def key(self) -> pb.IdentifierKey | None:
        """For what identifies one person."""
        if self.phone is not None:
            return pb.IdentifierKey(type="phone", value=self.phone)
        if self.email is not None:
            return pb.IdentifierKey(type="email", value=self.email)
        if self.type is not None:
            return pb.IdentifierKey(type=self.type, scope=self.scope, value=self.value or "")
        return None

    def search(self) -> search_pb.SearchProfilesRequest | None:
        """For what several people may share."""
        if self.type in ("phone", "email"):
            return search_pb.SearchProfilesRequest(**{self.type: self.value}, page_size=2)
        by = self.model_dump(include={"phone", "email", "name", "phone_last4"}, exclude_none=True)
        return search_pb.SearchProfilesRequest(**by, page_size=2) if by else None


class Merge(BaseModel):
    merge_id: str
    profile_id: str
    merged_profile_ids: list[str]
    rule: str
    evidence: Any
    created_at: Moment


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["profiles"], responses=PROBLEMS)

    @routes.post("/profiles:lookup")
    async def lookup(body: Lookup, credential: ConfinedReader) -> WholeProfile:
        """The one person who fits; `profiles:search` lists them when there are several. A phone number or e-mail
        address is first looked for among what identifies, then among contact points."""
        key, search = body.key(), body.search()
        if key is not None:
            try:
                return await whole(pb.GetProfileRequest(identifier=key), credential)
            except RemoteError as refusal:
                if search is None or refusal.code not in _NOT_IDENTIFIED:
                    raise
        found = await only_one(search, credential)
        return await whole(pb.GetProfileRequest(profile_id=found.profile_id), credential)

    async def whole(request: pb.GetProfileRequest, credential: Credential) -> WholeProfile:
        answer = await remote.call("profile", "GetProfile", request, credential)
        standing = await standing_of(remote, credential, answer.profile.profile_id)
        return WholeProfile.of_all(answer.profile, credential, standing)

    async def only_one(request: search_pb.SearchProfilesRequest, credential: Credential) -> pb.Profile:
        found: dict[str, pb.Profile] = {}
        for _ in range(_MOST_PAGES):
            answer = await remote.call("profile", "SearchProfiles", request, credential)
            found |= {one.profile_id: one for one in answer.profiles}
            request.page_token = answer.next_page_token
            if len(found) > 1 or not request.page_token:
                break
        if not found and not request.page_token:
            raise Problem(404, "NOT_FOUND", "nobody fits")
        if len(found) != 1 or request.page_token:
            raise Problem(409, "SEVERAL_FIT", "several people fit; POST /v1/profiles:search lists them")
        return next(iter(found.values()))

    @routes.get("/profiles/{profile}")
    async def get_profile(profile: str, credential: ConfinedReader, as_of: Time = None) -> WholeProfile:
        """With `as_of`: the person of today with what had been said of them by then."""
        if as_of is None:
            return await whole(key_of(profile), credential)
        profile_id = await profile_id_of(remote, credential, profile)
        request = search_pb.GetProfileAsOfRequest(profile_id=profile_id, as_of_time=stamp(as_of))
        answer = await remote.call("profile", "GetProfileAsOf", request, credential)
        return WholeProfile.of_all(answer.profile, credential, Standing())

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

    return routes
