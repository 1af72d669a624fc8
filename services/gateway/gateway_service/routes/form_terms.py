"""The words that forms and QR codes are made of."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from gateway_service.auth import needs
from gateway_service.forms.terms import TERMS
from gateway_service.routes._answers import PROBLEMS
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("forms:read"))]


class FormTerm(BaseModel):
    kind: str
    """field, state or qr_code."""
    value: str
    label: dict[str, str]
    """Language → name."""


class FormTerms(BaseModel):
    items: list[FormTerm]


def router() -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["forms"], responses=PROBLEMS)

    @routes.get("/form-terms")
    async def list_form_terms(credential: Reader) -> FormTerms:
        """Kinds of fields, states of forms, kinds of QR codes."""
        return FormTerms(
            items=[FormTerm(kind=t.kind, value=t.value, label={"en": t.en, "zh": t.zh}) for t in TERMS]
        )

    return routes
