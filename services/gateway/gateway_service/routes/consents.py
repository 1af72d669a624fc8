"""What people agreed to: the ledger, and what is in force."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from chassis.grpc_client import RemoteError
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.dispatch.v1 import suppression_service_pb2 as dispatch_pb
from waypost.profile.v1 import consent_pb2
from waypost.profile.v1 import consent_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.problems import Problem
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import (
    PROBLEMS,
    Instant,
    JsonObject,
    Moment,
    Page,
    PageSize,
    PageToken,
    given,
    json_bytes,
    json_of,
    moment,
    number,
    stamp,
    word,
)
from gateway_service.routes._people import identity_id_of, profile_id_of
from gateway_service.store.keys import Credential

ConfinedReader = Annotated[Credential, Depends(needs("consents:read", confined=True))]
ConfinedWriter = Annotated[Credential, Depends(needs("consents:write", confined=True))]
"""Profile shows those who are confined to org units the people whom these know."""
State = consent_pb2.ConsentState
AT_ONCE = 1_000
"""Subjects that dispatch takes in a call."""
PATIENCE_S = 2.0
"""How long dispatch may take to hear of them."""


class NewConsent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: Literal["granted", "withdrawn"]
    channel: str = Field(default="", max_length=64)
    """Empty: a withdrawal of all channels, or a consent to profiling."""
    purpose: str = Field(default="", max_length=64)
    """Empty: a withdrawal of all purposes."""
    topic: str = Field(default="", max_length=512)
    org_unit: str = Field(default="", max_length=512)
    contact_point: str = Field(default="", max_length=512)
    """A contact key, or an address of the channel; empty: the person."""
    legal_basis: str = Field(default="", max_length=64)
    """Needed to grant; GET /v1/consent-terms lists them."""
    text_version: str = Field(default="", max_length=512)
    source: str = Field(default="", max_length=512)
    proof: JsonObject | None = None
    """Whatever shows that it was said; kept encrypted."""
    given_at: Instant | None = None
    """When it was said; now when left out."""


class RecordedConsent(BaseModel):
    consent_id: str
    profile_id: str
    contact_key: str
    state: str
    in_force: str
    """granted or withdrawn: what holds now. A newer entry may say otherwise than this one."""
    given_at: Moment
    recorded_at: Moment


class Consent(BaseModel):
    """An entry of the ledger."""

    consent_id: str
    state: str
    channel: str
    purpose: str
    topic: str
    org_unit: str
    contact_key: str
    """Empty when it is about the person."""
    legal_basis: str
    text_version: str
    source: str
    proof: JsonObject
    recorded_by: str
    given_at: Moment
    recorded_at: Moment


class InForce(BaseModel):
    """What all entries amount to."""

    channel: str
    purpose: str
    topic: str
    org_unit: str
    contact_key: str
    """The contact point for which it is otherwise than for the person; empty for the person."""
    state: str
    refusal: str
    """Why nothing is sent; empty when it is."""
    consent_id: str
    """The entry that decides."""
    given_at: Moment | None

    @classmethod
    def of(cls, found: consent_pb2.ConsentInForce) -> Self:
        return cls(
            **_scope(found.scope),
            contact_key=found.contact_key,
            state=word(State, found.state),
            refusal=found.refusal,
            consent_id=found.consent_id,
            given_at=moment(found, "given_time"),
        )


class Consents(Page[Consent]):
    in_force: list[InForce]


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["consents"], responses=PROBLEMS)

    @routes.post("/profiles/{profile}/consents", status_code=201)
    async def record_consent(
        profile: str, body: NewConsent, request: Request, credential: ConfinedWriter
    ) -> RecordedConsent:
        """A withdrawal is answered once nothing will be sent any more: 503 means recorded, not yet answered for."""
        message = pb.RecordConsentRequest(
            profile_id=await identity_id_of(remote, credential, profile),
            scope=consent_pb2.ConsentScope(
                channel=body.channel, purpose=body.purpose, topic=body.topic, org_unit_id=body.org_unit
            ),
            state=number(State, body.state, "state"),
            contact_point=body.contact_point,
            legal_basis=body.legal_basis,
            text_version=body.text_version,
            source=body.source,
            proof_json=b"" if body.proof is None else json_bytes(body.proof),
            given_time=None if body.given_at is None else stamp(body.given_at),
            request_id=mutation_id(request, credential),
        )
        answer = await remote.call("profile", "RecordConsent", message, credential)
        await _tell_dispatch(remote, answer.subjects, credential)
        return RecordedConsent(
            consent_id=answer.consent_id,
            profile_id=answer.profile_id,
            contact_key=answer.contact_key,
            state=body.state,
            in_force=word(State, answer.in_force),
            given_at=given(answer, "given_time"),
            recorded_at=given(answer, "record_time"),
        )

    @routes.get("/profiles/{profile}/consents")
    async def list_consents(
        profile: str, credential: ConfinedReader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Consents:
        """Entries, newest first, and on each page what is in force."""
        message = pb.ListConsentsRequest(
            profile_id=await profile_id_of(remote, credential, profile),
            page_size=page_size,
            page_token=page_token,
        )
        answer = await remote.call("profile", "ListConsents", message, credential)
        return Consents(
            items=[_consent(one) for one in answer.entries],
            in_force=[InForce.of(one) for one in answer.in_force],
            next_page_token=answer.next_page_token,
        )

    return routes


async def _tell_dispatch(
    remote: Remote, subjects: Iterable[consent_pb2.SubjectState], credential: Credential
) -> None:
    """Before anything is acknowledged. What cannot be told now reaches dispatch as an event too."""
    told = [
        dispatch_pb.SubjectState(
            channel=one.channel,
            subject=one.subject,
            purpose=one.purpose,
            withdrawn=one.withdrawn,
            refusal=one.refusal,
            version=one.version,
        )
        for one in subjects
    ]
    try:
        for start in range(0, len(told), AT_ONCE):
            message = dispatch_pb.SuppressRequest(subjects=told[start : start + AT_ONCE])
            await remote.call("dispatch", "Suppress", message, credential, deadline_s=PATIENCE_S)
    except RemoteError as error:
        raise Problem(
            503,
            "CONSENT_UNCONFIRMED",
            "the entry is recorded, but dispatch could not be told yet; repeat with the same Idempotency-Key",
        ) from error


def _scope(scope: consent_pb2.ConsentScope) -> dict[str, str]:
    return {
        "channel": scope.channel,
        "purpose": scope.purpose,
        "topic": scope.topic,
        "org_unit": scope.org_unit_id,
    }


def _consent(entry: consent_pb2.ConsentEntry) -> Consent:
    return Consent(
        consent_id=entry.consent_id,
        state=word(State, entry.state),
        **_scope(entry.scope),
        contact_key=entry.contact_key,
        legal_basis=entry.legal_basis,
        text_version=entry.text_version,
        source=entry.source,
        proof=json_of(entry.proof_json),
        recorded_by=entry.recorded_by,
        given_at=given(entry, "given_time"),
        recorded_at=given(entry, "record_time"),
    )
