"""What a workspace wants of consents, and the words that they are made of."""

from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from waypost.profile.v1 import consent_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import PROBLEMS, Moment, moment
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("consents:read"))]
Writer = Annotated[Credential, Depends(needs("consents:write"))]


class Term(BaseModel):
    kind: str
    """channel, purpose or legal_basis."""
    value: str
    label: dict[str, str]
    """Language → name."""
    law: str


class Terms(BaseModel):
    items: list[Term]


class ConsentSettings(BaseModel):
    consent_required: bool
    """Marketing needs a grant; otherwise it needs that nobody withdrew."""
    updated_at: Moment | None

    @classmethod
    def of(cls, settings: pb.ConsentSettings) -> Self:
        return cls(consent_required=settings.consent_required, updated_at=moment(settings, "update_time"))


class NewConsentSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    consent_required: bool


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["consents"], responses=PROBLEMS)

    @routes.get("/consent-terms")
    async def list_consent_terms(credential: Reader) -> Terms:
        """The words that consents are made of."""
        answer = await remote.call("profile", "ListConsentTerms", pb.ListConsentTermsRequest(), credential)
        return Terms(
            items=[
                Term(
                    kind=one.kind,
                    value=one.value,
                    label={"en": one.label_en, "zh": one.label_zh},
                    law=one.law,
                )
                for one in answer.terms
            ]
        )

    @routes.get("/consent-settings")
    async def get_consent_settings(credential: Reader) -> ConsentSettings:
        answer = await remote.call(
            "profile", "GetConsentSettings", pb.GetConsentSettingsRequest(), credential
        )
        return ConsentSettings.of(answer.settings)

    @routes.put("/consent-settings")
    async def set_consent_settings(
        body: NewConsentSettings, request: Request, credential: Writer
    ) -> ConsentSettings:
        message = pb.SetConsentSettingsRequest(
            consent_required=body.consent_required, request_id=mutation_id(request, credential)
        )
        answer = await remote.call("profile", "SetConsentSettings", message, credential)
        return ConsentSettings.of(answer.settings)

    return routes
