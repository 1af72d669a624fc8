"""Whether who is stored as one person is what all stored facts say."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from waypost.profile.v1 import identity_check_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.remote import Remote
from gateway_service.routes._answers import PROBLEMS
from gateway_service.store.keys import Credential

Reader = Annotated[Credential, Depends(needs("profiles:read"))]
CHECK_S = 120.0


class IdentityCheck(BaseModel):
    """Of strong identifiers. Nothing is wrong when `misplaced`, `misjudged` and `unsuspected` are 0."""

    identifiers: int
    links: int
    people: int
    refused: int
    """Links."""
    misplaced: int
    """Identifiers of people who are stored as others than the facts say."""
    misjudged: int
    """Links stored as refused that should not be, or the other way round, or for another reason."""
    unsuspected: int
    """Identifiers that should be set aside and are not."""
    settled: bool
    """Whether everybody has been looked at under the settings in force; until then differences are to be expected."""


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["identity"], responses=PROBLEMS)

    @routes.post("/identity:check")
    async def check_identity(credential: Reader) -> IdentityCheck:
        """Works everybody out from all stored facts, and compares. Changes nothing; takes seconds."""
        request = pb.CheckIdentitiesRequest()
        found = await remote.call("profile", "CheckIdentities", request, credential, deadline_s=CHECK_S)
        return IdentityCheck(**{name: getattr(found, name) for name in IdentityCheck.model_fields})

    return routes
