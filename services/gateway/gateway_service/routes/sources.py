"""Sources: how fresh each is and what it is worth; traits that keep all their values."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.profile.v1 import directory_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import PROBLEMS, Moment, Page, PageSize, PageToken, moment
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("ingestion:read"))]
Writer = Annotated[Credential, Depends(needs("ingestion:write"))]
MAX_NAME_CHARS = 256
MOST_SECONDS = 366 * 86_400


class SourceSetting(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=MAX_NAME_CHARS)
    """That of the key that sends."""
    priority: int = Field(default=50, ge=0, le=100)
    """What a source of higher priority says of a trait holds against newer words of others."""
    verified: bool = False
    """Holds against sources of the same priority that are not."""
    expected_every_s: int = Field(default=0, ge=0, le=MOST_SECONDS)
    """A source that is silent for longer is stale; 0: nothing is expected."""


class Day(BaseModel):
    date: str
    """UTC."""
    calls: int


class Source(BaseModel):
    name: str
    priority: int
    verified: bool
    expected_every_s: int
    last_seen_at: Moment | None
    stale: bool
    days: list[Day]
    """Of the last seven, newest first, those with calls; counted as calls are worked."""

    @classmethod
    def of(cls, source: pb.Source) -> Self:
        return cls(
            name=source.name,
            priority=source.priority,
            verified=source.verified,
            expected_every_s=source.expected_every_s,
            last_seen_at=moment(source, "last_seen_time"),
            stale=source.stale,
            days=[Day(date=one.date, calls=one.calls) for one in source.days],
        )


class TraitRule(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=MAX_NAME_CHARS)
    keep_all: bool
    """Keeps its newest 20 different values as a list, instead of the best one."""


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["sources"], responses=PROBLEMS)

    @routes.get("/sources")
    async def list_sources(
        credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Source]:
        """By name."""
        message = pb.ListSourcesRequest(page_size=page_size, page_token=page_token)
        answer = await remote.call("profile", "ListSources", message, credential)
        return Page[Source](
            items=[Source.of(one) for one in answer.sources], next_page_token=answer.next_page_token
        )

    @routes.put("/sources")
    async def set_source(body: SourceSetting, request: Request, credential: Writer) -> Source:
        """For statements that are worked from now on."""
        message = pb.SetSourceRequest(**body.model_dump(), request_id=mutation_id(request, credential))
        answer = await remote.call("profile", "SetSource", message, credential)
        return Source.of(answer.source)

    @routes.get("/traits")
    async def list_trait_rules(
        credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[TraitRule]:
        """Traits that were declared, by name."""
        message = pb.ListTraitRulesRequest(page_size=page_size, page_token=page_token)
        answer = await remote.call("profile", "ListTraitRules", message, credential)
        items = [TraitRule(name=one.name, keep_all=one.keep_all) for one in answer.traits]
        return Page[TraitRule](items=items, next_page_token=answer.next_page_token)

    @routes.put("/traits")
    async def set_trait_rule(body: TraitRule, request: Request, credential: Writer) -> TraitRule:
        """For statements that are worked from now on."""
        message = pb.SetTraitRuleRequest(**body.model_dump(), request_id=mutation_id(request, credential))
        answer = await remote.call("profile", "SetTraitRule", message, credential)
        return TraitRule(name=answer.trait.name, keep_all=answer.trait.keep_all)

    return routes
