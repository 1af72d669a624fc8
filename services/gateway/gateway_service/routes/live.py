"""The last events that were accepted."""

from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from waypost.profile.v1 import ingest_pb2

from gateway_service.auth import needs
from gateway_service.ingest.live import Live
from gateway_service.masking import masked
from gateway_service.routes._answers import PROBLEMS, Moment, given, json_of, word
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("ingestion:read"))]


class LiveIdentifier(BaseModel):
    type: str
    scope: str
    value: str
    verified: bool


class LiveEvent(BaseModel):
    """Personal data is hidden."""

    message_id: str
    type: str
    name: str
    identifiers: list[LiveIdentifier]
    properties: Any
    traits: Any
    context: Any
    happened_at: Moment
    accepted_at: Moment
    historical: bool
    source: str
    """Name of the key that sent it."""

    @classmethod
    def of(cls, record: ingest_pb2.IngestRecord) -> Self:
        return cls(
            message_id=record.meta.record_id,
            type=word(ingest_pb2.IngestKind, record.kind),
            name=record.name,
            identifiers=[
                LiveIdentifier(
                    type=one.type,
                    scope=one.scope,
                    value=masked({one.type: one.value})[one.type],
                    verified=verified,
                )
                for named, verified in ((record.identifiers, True), (record.unverified, False))
                for one in named
            ],
            properties=masked(json_of(record.properties_json), _WITHIN.get(record.kind, "")),
            traits=masked(json_of(record.traits_json)),
            context=masked(json_of(record.context_json)),
            happened_at=given(record.meta, "event_time"),
            accepted_at=given(record.meta, "accept_time"),
            historical=record.meta.historical,
            source=record.source,
        )


_WITHIN = {ingest_pb2.INGEST_KIND_PAGE: "screen", ingest_pb2.INGEST_KIND_SCREEN: "screen"}


class LiveEvents(BaseModel):
    items: list[LiveEvent]


def router(live: Live) -> APIRouter:
    routes = APIRouter(prefix="/v1/ingestion", tags=["ingestion"], responses=PROBLEMS)

    @routes.get("/live")
    async def live_events(credential: Reader) -> LiveEvents:
        """The last events of the workspace that this gateway accepted since it started, newest first: 50 at most,
        none over 8 KB. It is a look, not a list: each replica of the gateway answers for itself, so where there are
        several, ask until the one that took the event answers, or look at the person."""
        records = map(ingest_pb2.IngestRecord.FromString, live.last(credential.workspace_id))
        return LiveEvents(items=[LiveEvent.of(record) for record in records])

    return routes
