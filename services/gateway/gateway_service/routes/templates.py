"""Templates, and the rate limits of channel accounts."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.dispatch.v1 import message_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote, mutation_id
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
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("messages:read"))]
Writer = Annotated[Credential, Depends(needs("messages:write"))]


LONGEST = 100_000
"""Characters of one part of a template."""


class NewTemplate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    channel: str = Field(min_length=1, max_length=64)
    text: str = Field(default="", max_length=LONGEST)
    """Liquid; variables of the entry event under `entry`. Of an e-mail the plain part."""
    subject: str = Field(default="", max_length=1_000)
    html: str = Field(default="", max_length=LONGEST)
    sender: str = Field(default="", alias="from", max_length=1_000)
    """`Name <address>` or an address; the account's own when left out."""
    reply_to: str = Field(default="", max_length=1_000)


class Template(BaseModel):
    template_id: str
    name: str
    channel: str
    text: str
    subject: str
    html: str
    sender: str = Field(serialization_alias="from")
    reply_to: str
    created_at: Moment

    @classmethod
    def of(cls, template: pb.Template) -> Self:
        return cls(
            template_id=template.template_id,
            name=template.name,
            channel=template.channel,
            text=template.text,
            subject=template.subject,
            html=template.html,
            sender=template.sender,
            reply_to=template.reply_to,
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


class Channel(BaseModel):
    channel: str
    account: str
    label: JsonObject
    """Language → name."""
    config_schema: JsonObject
    """JSON Schema of what an installation sets for the account."""
    template_schema: JsonObject
    """JSON Schema of what a template holds beside name and channel."""


class Channels(BaseModel):
    items: list[Channel]


class Limits(BaseModel):
    items: list[Limit]


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["messages"], responses=PROBLEMS)

    @routes.post("/templates", status_code=201)
    async def create_template(body: NewTemplate, request: Request, credential: Writer) -> Template:
        message = pb.CreateTemplateRequest(**body.model_dump(), request_id=mutation_id(request, credential))
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

    @routes.get("/channels")
    async def list_channels(credential: Reader) -> Channels:
        answer = await remote.call("dispatch", "ListChannels", pb.ListChannelsRequest(), credential)
        return Channels(
            items=[
                Channel(
                    channel=one.channel,
                    account=one.account,
                    label=json_of(one.label_json),
                    config_schema=json_of(one.config_schema_json),
                    template_schema=json_of(one.template_schema_json),
                )
                for one in answer.channels
            ]
        )

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
