"""Templates, and the rate limits of channel accounts."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.dispatch.v1 import message_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import PROBLEMS, Moment, Page, PageSize, PageToken, given, moment
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("messages:read"))]
Writer = Annotated[Credential, Depends(needs("messages:write"))]


class NewTemplate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    channel: str = Field(min_length=1, max_length=64)
    text: str = Field(min_length=1, max_length=65_536)
    """Liquid; variables of the entry event under `entry`."""


class Template(BaseModel):
    template_id: str
    name: str
    channel: str
    text: str
    created_at: Moment

    @classmethod
    def of(cls, template: pb.Template) -> Self:
        return cls(
            template_id=template.template_id,
            name=template.name,
            channel=template.channel,
            text=template.text,
            created_at=given(template, "create_time"),
        )


class NewLimit(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channel: str = Field(min_length=1, max_length=64)
    account: str = Field(min_length=1, max_length=200)
    per_second: int = Field(ge=1, le=1_000_000)
    """Provider calls in any second, over all replicas."""
    source: str = Field(default="", max_length=500)
    """Where the figure comes from."""


class Limit(BaseModel):
    channel: str
    account: str
    per_second: int
    source: str
    updated_at: Moment | None

    @classmethod
    def of(cls, limit: pb.Limit) -> Self:
        return cls(
            channel=limit.channel,
            account=limit.account,
            per_second=limit.per_second,
            source=limit.source,
            updated_at=moment(limit, "update_time"),
        )


class Limits(BaseModel):
    items: list[Limit]


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["messages"], responses=PROBLEMS)

    @routes.post("/templates", status_code=201)
    async def create_template(body: NewTemplate, request: Request, credential: Writer) -> Template:
        message = pb.CreateTemplateRequest(
            name=body.name,
            channel=body.channel,
            text=body.text,
            request_id=mutation_id(request, credential),
        )
        return Template.of((await remote.call("dispatch", "CreateTemplate", message, credential)).template)

    @routes.get("/templates")
    async def list_templates(
        credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[Template]:
        message = pb.ListTemplatesRequest(page_size=page_size, page_token=page_token)
        answer = await remote.call("dispatch", "ListTemplates", message, credential)
        return Page[Template](
            items=[Template.of(one) for one in answer.templates], next_page_token=answer.next_page_token
        )

    @routes.get("/templates/{template_id}")
    async def get_template(template_id: str, credential: Reader) -> Template:
        message = pb.GetTemplateRequest(template_id=template_id)
        return Template.of((await remote.call("dispatch", "GetTemplate", message, credential)).template)

    @routes.get("/limits")
    async def list_limits(credential: Reader) -> Limits:
        answer = await remote.call("dispatch", "ListLimits", pb.ListLimitsRequest(), credential)
        return Limits(items=[Limit.of(one) for one in answer.limits])

    @routes.put("/limits")
    async def set_limit(body: NewLimit, request: Request, credential: Writer) -> Limit:
        message = pb.SetLimitRequest(
            limit=pb.Limit(**body.model_dump()), request_id=mutation_id(request, credential)
        )
        return Limit.of((await remote.call("dispatch", "SetLimit", message, credential)).limit)

    return routes
