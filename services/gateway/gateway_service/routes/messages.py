"""Messages with every state and why; their report."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from waypost.dispatch.v1 import message_events_pb2
from waypost.dispatch.v1 import message_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote
from gateway_service.routes._answers import (
    PROBLEMS,
    Moment,
    Page,
    PageSize,
    PageToken,
    given,
    number,
    word,
)
from gateway_service.routes._people import ids_of
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("messages:read"))]
Reports = Annotated[Credential, Depends(needs("reports:read"))]
State = message_events_pb2.MessageState


class Attempt(BaseModel):
    number: int
    state: str
    provider_code: str
    created_at: Moment
    updated_at: Moment


class Message(BaseModel):
    message_id: str
    intention_key: str
    profile_id: str
    channel: str
    purpose: str
    topic: str
    org_unit: str
    account: str
    journey_id: str
    node_id: str
    run_id: str
    trigger_id: str
    state: str
    reason: str
    address_masked: str
    created_at: Moment
    updated_at: Moment
    attempts: list[Attempt]

    @classmethod
    def of(cls, message: pb.Message) -> Self:
        return cls(
            message_id=message.message_id,
            intention_key=message.intention_key,
            profile_id=message.profile_id,
            channel=message.channel,
            purpose=message.purpose,
            topic=message.topic,
            org_unit=message.org_unit_id,
            account=message.account,
            journey_id=message.journey_id,
            node_id=message.node_id,
            run_id=message.run_id,
            trigger_id=message.trigger_id,
            state=word(State, message.state),
            reason=message.reason,
            address_masked=message.address_masked,
            created_at=given(message, "create_time"),
            updated_at=given(message, "update_time"),
            attempts=[
                Attempt(
                    number=one.number,
                    state=one.state,
                    provider_code=one.provider_code,
                    created_at=given(one, "create_time"),
                    updated_at=given(one, "update_time"),
                )
                for one in message.attempts
            ],
        )


class OutcomeCount(BaseModel):
    journey_id: str
    node_id: str
    channel: str
    state: str
    reason: str
    count: int


class MessageReport(BaseModel):
    outcomes: list[OutcomeCount]
    intentions: int
    """Equals the sum of the outcomes."""
    attempts: int


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["messages"], responses=PROBLEMS)

    @routes.get("/messages")
    async def list_messages(
        credential: Reader,
        profile: Annotated[str, Query(max_length=1200, description="profile id or type:value")] = "",
        journey_id: str = "",
        state: str = "",
        page_size: PageSize = 0,
        page_token: PageToken = "",
    ) -> Page[Message]:
        message = pb.ListMessagesRequest(
            **(await ids_of(remote, credential, profile) if profile else {}),
            journey_id=journey_id,
            state=number(State, state, "state") if state else 0,
            page_size=page_size,
            page_token=page_token,
        )
        answer = await remote.call("dispatch", "ListMessages", message, credential)
        return Page[Message](
            items=[Message.of(one) for one in answer.messages], next_page_token=answer.next_page_token
        )

    @routes.get("/messages/{message_id}")
    async def get_message(message_id: str, credential: Reader) -> Message:
        message = pb.GetMessageRequest(message_id=message_id)
        return Message.of((await remote.call("dispatch", "GetMessage", message, credential)).message)

    @routes.get("/reports/messages", tags=["reports"])
    async def message_report(credential: Reports, journey_id: str = "") -> MessageReport:
        message = pb.GetMessageReportRequest(journey_id=journey_id)
        answer = await remote.call("dispatch", "GetMessageReport", message, credential)
        return MessageReport(
            outcomes=[
                OutcomeCount(
                    journey_id=one.journey_id,
                    node_id=one.node_id,
                    channel=one.channel,
                    state=word(State, one.state),
                    reason=one.reason,
                    count=one.count,
                )
                for one in answer.outcomes
            ],
            intentions=answer.intentions,
            attempts=answer.attempts,
        )

    return routes
