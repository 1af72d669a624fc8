"""What events must look like, what of them is personal, and how long they are kept."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.profile.v1 import schema_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.ingest.decode import MAX_NAME_CHARS
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import (
    PROBLEMS,
    JsonObject,
    Page,
    PageSize,
    PageToken,
    json_bytes,
    json_of,
    number,
    word,
)
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("ingestion:read"))]
Writer = Annotated[Credential, Depends(needs("ingestion:write"))]
Mode = Literal["allow", "warn", "block"]
EventName = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
Key = Annotated[str, Field(min_length=1, max_length=MAX_NAME_CHARS)]
MOST_KEYS = 200
MOST_RETAINED = 500


class EventSchema(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    event: EventName
    declared: JsonObject = Field(alias="schema")
    """A JSON Schema of the properties, of type, enum, required, properties, items, bounds and lengths."""
    mode: Mode = "warn"
    """For properties that the schema refuses."""
    unknown: Mode = "allow"
    """For properties that it does not name."""

    @classmethod
    def of(cls, schema: pb.EventSchema) -> Self:
        return cls.model_construct(
            event=schema.event,
            declared=json_of(schema.schema_json),
            mode=word(pb.SchemaMode, schema.mode),
            unknown=word(pb.SchemaMode, schema.unknown),
        )


class EventNamed(BaseModel):
    model_config = ConfigDict(extra="forbid")

    event: EventName


class Deleted(BaseModel):
    deleted: bool = True


class IngestionPolicy(BaseModel):
    model_config = ConfigDict(extra="forbid")

    undeclared: Mode = "allow"
    """For track calls whose event has no schema."""
    personal_keys: list[Key] = Field(default_factory=list, max_length=MOST_KEYS)
    """Keys of traits and properties that are personal beside the shipped list."""
    allowed_keys: list[Key] = Field(default_factory=list, max_length=MOST_KEYS)
    """Keys of the shipped list that are not personal here; contact data cannot be among them."""

    @classmethod
    def of(cls, policy: pb.IngestionPolicy) -> Self:
        return cls.model_construct(
            undeclared=word(pb.SchemaMode, policy.undeclared),
            personal_keys=list(policy.personal_keys),
            allowed_keys=list(policy.allowed_keys),
        )


class EventRetention(BaseModel):
    model_config = ConfigDict(extra="forbid")

    event: EventName
    days: int = Field(ge=0, le=36_500)
    """0: for ever."""


class Retention(BaseModel):
    model_config = ConfigDict(extra="forbid")

    default_days: int = Field(default=0, ge=0, le=36_500)
    """For events without days of their own; 0: for ever."""
    events: list[EventRetention] = Field(default_factory=list, max_length=MOST_RETAINED)

    @classmethod
    def of(cls, retention: pb.Retention) -> Self:
        events = [EventRetention(event=one.event, days=one.days) for one in retention.events]
        return cls(default_days=retention.default_days, events=events)


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["event schemas"], responses=PROBLEMS)

    @routes.get("/event-schemas")
    async def list_event_schemas(
        credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[EventSchema]:
        """By event."""
        message = pb.ListEventSchemasRequest(page_size=page_size, page_token=page_token)
        answer = await remote.call("profile", "ListEventSchemas", message, credential)
        return Page[EventSchema](
            items=[EventSchema.of(one) for one in answer.schemas], next_page_token=answer.next_page_token
        )

    @routes.put("/event-schemas")
    async def set_event_schema(body: EventSchema, request: Request, credential: Writer) -> EventSchema:
        """For calls that are worked from now on."""
        schema = pb.EventSchema(
            event=body.event,
            schema_json=json_bytes(body.declared),
            mode=number(pb.SchemaMode, body.mode, "mode"),
            unknown=number(pb.SchemaMode, body.unknown, "unknown"),
        )
        message = pb.SetEventSchemaRequest(schema=schema, request_id=mutation_id(request, credential))
        answer = await remote.call("profile", "SetEventSchema", message, credential)
        return EventSchema.of(answer.schema)

    @routes.post("/event-schemas:delete")
    async def delete_event_schema(body: EventNamed, request: Request, credential: Writer) -> Deleted:
        message = pb.DeleteEventSchemaRequest(event=body.event, request_id=mutation_id(request, credential))
        await remote.call("profile", "DeleteEventSchema", message, credential)
        return Deleted()

    @routes.get("/ingestion/policy")
    async def get_ingestion_policy(credential: Reader) -> IngestionPolicy:
        message = pb.GetIngestionPolicyRequest()
        answer = await remote.call("profile", "GetIngestionPolicy", message, credential)
        return IngestionPolicy.of(answer.policy)

    @routes.put("/ingestion/policy")
    async def set_ingestion_policy(
        body: IngestionPolicy, request: Request, credential: Writer
    ) -> IngestionPolicy:
        policy = pb.IngestionPolicy(
            undeclared=number(pb.SchemaMode, body.undeclared, "undeclared"),
            personal_keys=body.personal_keys,
            allowed_keys=body.allowed_keys,
        )
        message = pb.SetIngestionPolicyRequest(policy=policy, request_id=mutation_id(request, credential))
        answer = await remote.call("profile", "SetIngestionPolicy", message, credential)
        return IngestionPolicy.of(answer.policy)

    @routes.get("/retention")
    async def get_retention(credential: Reader) -> Retention:
        answer = await remote.call("profile", "GetRetention", pb.GetRetentionRequest(), credential)
        return Retention.of(answer.retention)

    @routes.put("/retention")
    async def set_retention(body: Retention, request: Request, credential: Writer) -> Retention:
        """Replaces all of it. What is deleted stays counted in each profile."""
        retention = pb.Retention(
            default_days=body.default_days,
            events=[pb.EventRetention(event=one.event, days=one.days) for one in body.events],
        )
        message = pb.SetRetentionRequest(retention=retention, request_id=mutation_id(request, credential))
        answer = await remote.call("profile", "SetRetention", message, credential)
        return Retention.of(answer.retention)

    return routes
