"""Who is one person, and why: settings, merges and splits by hand."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, Field, model_validator
from waypost.profile.v1 import identity_service_pb2 as pb
from waypost.profile.v1.profile_service_pb2 import IdentifierKey

from gateway_service.auth import needs
from gateway_service.problems import FieldError, Problem
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
    moment,
)
from gateway_service.routes._identities import Identity, Link, Strict
from gateway_service.routes._people import identity_id_of, profile_id_of
from gateway_service.routes._reach import messages_of
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("profiles:read"))]
Writer = Annotated[Credential, Depends(needs("profiles:write"))]
DRY_RUN_S = 60.0


class Settings(BaseModel):
    settings: JsonObject
    """Every setting with its value, as `PUT` takes it."""
    version: int
    """0: as shipped."""
    updated_at: Moment | None
    updated_by: str
    settled: bool
    """Whether everybody known has been looked at under these settings."""

    @classmethod
    def of(cls, found: pb.IdentitySettings) -> Self:
        return cls(
            settings=json_of(found.settings_json),
            version=found.version,
            updated_at=moment(found, "update_time"),
            updated_by=found.updated_by,
            settled=found.settled,
        )


class DryRun(Strict):
    settings: JsonObject
    days: int = Field(default=30, ge=1, le=90)
    """People of whom identifiers were named together in the last days."""


class PlannedMerge(BaseModel):
    profile_id: str
    merged_profile_ids: list[str]
    joined: list[Identity]
    """The two identifiers that would join them."""


class PlannedSplit(BaseModel):
    profile_id: str
    taken_off: list[Identity]


class PlannedPerson(BaseModel):
    profile_id: str
    identifiers: int


class DryRunResult(BaseModel):
    identifiers: int
    truncated: bool
    """There were more than a dry run looks at; the counts are of the newest."""
    people_before: int
    people_after: int
    merges: int
    splits: int
    merge_samples: list[PlannedMerge]
    split_samples: list[PlannedSplit]
    largest: list[PlannedPerson]
    refused: dict[str, int]
    """Links that would be refused, by reason."""
    profile_ids: list[str]
    """Who would merge or split, at most 1,000."""
    messages: int
    """Of the last `days`, of those in `profile_ids`: messages that would have been another person's."""


class Merging(Strict):
    with_: str = Field(alias="with", min_length=1, max_length=1100)
    """A profile id or type:value; here phone and email too."""
    reason: str = Field(min_length=1, max_length=1000)


class Merged(BaseModel):
    decision_id: str
    profile_id: str
    """The person who goes on; the other's ids lead here."""


class Named(Strict):
    """An identifier by its value, or an identity by its id."""

    identity_id: str | None = Field(default=None, max_length=36)
    type: str | None = Field(default=None, min_length=1, max_length=64)
    scope: str = Field(default="", max_length=512)
    value: str | None = Field(default=None, min_length=1, max_length=512)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.identity_id is None) == (self.type is None) or (self.type is None) != (self.value is None):
            raise ValueError("give identity_id, or type with value")
        return self


class Splitting(Strict):
    """Exactly one of merge_id and identifiers."""

    merge_id: str | None = Field(default=None, min_length=1, max_length=36)
    identifiers: list[Named] = Field(default=[], max_length=500)
    reason: str = Field(default="", max_length=1000)


class Parted(BaseModel):
    decision_id: str
    profile_id: str
    """The person who goes on."""
    split_profile_id: str
    """Who was taken off."""


class Explanation(BaseModel):
    one_person: bool
    path: list[Link]
    """From the first to the second; empty when nothing ever named them together."""


class Split(BaseModel):
    split_id: str
    profile_id: str
    split_profile_id: str
    taken_off: list[Identity]
    rule: str
    """by_hand, exact_match (new facts, or a guard that they touched) or settings."""
    decision_id: str
    created_at: Moment


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["identity"], responses=PROBLEMS)

    async def call(method: str, request: Any, credential: Credential, deadline_s: float = 5.0) -> Any:
        return await remote.call("profile", method, request, credential, deadline_s=deadline_s)

    @routes.get("/identity/settings")
    async def get_identity_settings(credential: Reader, response: Response) -> Settings:
        answer = await call("GetIdentitySettings", pb.GetIdentitySettingsRequest(), credential)
        response.headers["ETag"] = f'"{answer.settings.version}"'
        return Settings.of(answer.settings)

    @routes.put("/identity/settings")
    async def put_identity_settings(
        body: JsonObject,
        http: Request,
        response: Response,
        credential: Writer,
        if_match: Annotated[str, Header(max_length=64)] = "",
    ) -> Settings:
        """Replaces the settings; what is left out is as shipped. `If-Match` names the version that is replaced."""
        request = pb.UpdateIdentitySettingsRequest(
            settings_json=json_bytes(body),
            version=await _version(if_match, credential),
            request_id=mutation_id(http, credential),
        )
        answer = await call("UpdateIdentitySettings", request, credential)
        response.headers["ETag"] = f'"{answer.settings.version}"'
        return Settings.of(answer.settings)

    async def _version(if_match: str, credential: Credential) -> int:
        if not if_match:
            now = await call("GetIdentitySettings", pb.GetIdentitySettingsRequest(), credential)
            return int(now.settings.version)
        version = if_match.strip().strip('"')
        if not version.isdecimal() or len(version) > 18:
            fault = FieldError(pointer="#If-Match", reason="malformed")
            raise Problem(400, "FIELD_INVALID", "If-Match is the ETag that GET answered", errors=[fault])
        return int(version)

    @routes.post("/identity/settings:dryRun")
    async def dry_run_identity_settings(body: DryRun, credential: Reader) -> DryRunResult:
        """What would become of the people of the last days under other settings. Changes nothing."""
        request = pb.DryRunIdentitySettingsRequest(settings_json=json_bytes(body.settings), days=body.days)
        found = await call("DryRunIdentitySettings", request, credential, DRY_RUN_S)
        return DryRunResult(
            identifiers=found.identifiers,
            truncated=found.truncated,
            people_before=found.people_before,
            people_after=found.people_after,
            merges=found.merges,
            splits=found.splits,
            merge_samples=[
                PlannedMerge(
                    profile_id=one.profile_id,
                    merged_profile_ids=list(one.merged_profile_ids),
                    joined=list(map(Identity.of, one.joined)),
                )
                for one in found.merge_samples
            ],
            split_samples=[
                PlannedSplit(profile_id=one.profile_id, taken_off=list(map(Identity.of, one.taken_off)))
                for one in found.split_samples
            ],
            largest=[
                PlannedPerson(profile_id=p.profile_id, identifiers=p.identifiers) for p in found.largest
            ],
            refused=dict(found.refused),
            profile_ids=list(found.profile_ids),
            messages=await messages_of(remote, credential, found),
        )

    @routes.post("/profiles/{profile}:merge")
    async def merge_profiles(profile: str, body: Merging, http: Request, credential: Writer) -> Merged:
        """Makes two people one, whatever guards say. Undone by `:split` or by undoing the decision."""
        request = pb.MergeProfilesRequest(
            profile_id=await identity_id_of(remote, credential, profile),
            with_profile_id=await identity_id_of(remote, credential, body.with_, "/with"),
            reason=body.reason,
            request_id=mutation_id(http, credential),
        )
        answer = await call("MergeProfiles", request, credential)
        return Merged(decision_id=answer.decision_id, profile_id=answer.profile_id)

    @routes.post("/profiles/{profile}:split")
    async def split_profile(profile: str, body: Splitting, http: Request, credential: Writer) -> Parted:
        """Takes back a merge, or takes identifiers out of a person; no fact joins them again."""
        request = pb.SplitProfileRequest(
            profile_id=await identity_id_of(remote, credential, profile),
            merge_id=body.merge_id or "",
            identity_ids=[one.identity_id for one in body.identifiers if one.identity_id],
            identifiers=[
                IdentifierKey(type=one.type, scope=one.scope, value=one.value or "")
                for one in body.identifiers
                if one.type
            ],
            reason=body.reason,
            request_id=mutation_id(http, credential),
        )
        answer = await call("SplitProfile", request, credential)
        return Parted(
            decision_id=answer.decision_id,
            profile_id=answer.profile_id,
            split_profile_id=answer.split_profile_id,
        )

    @routes.get("/profiles/{profile}/splits")
    async def list_splits(
        profile: str, credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Split]:
        request = pb.ListSplitsRequest(
            profile_id=await profile_id_of(remote, credential, profile),
            page_size=page_size,
            page_token=page_token,
        )
        answer = await call("ListSplits", request, credential)
        return Page[Split](
            items=[
                Split(
                    split_id=one.split_id,
                    profile_id=one.profile_id,
                    split_profile_id=one.split_profile_id,
                    taken_off=list(map(Identity.of, one.taken_off)),
                    rule=one.rule,
                    decision_id=one.decision_id,
                    created_at=given(one, "create_time"),
                )
                for one in answer.splits
            ],
            next_page_token=answer.next_page_token,
        )

    @routes.get("/profiles/{profile}/explain-identity")
    async def explain_identity(
        profile: str,
        credential: Reader,
        with_: Annotated[str, Query(alias="with", min_length=1, max_length=1100)],
    ) -> Explanation:
        """Why the two are one person, or what keeps them apart. Asks about the two identifiers that are named; a
        profile id stands for the identifier that the person was met with first."""
        request = pb.ExplainIdentityRequest(
            profile_id=await identity_id_of(remote, credential, profile),
            with_profile_id=await identity_id_of(remote, credential, with_, "#with"),
        )
        answer = await call("ExplainIdentity", request, credential)
        return Explanation(one_person=answer.one_person, path=list(map(Link.of, answer.path)))

    return routes
