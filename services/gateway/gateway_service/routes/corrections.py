"""What people change by hand of a person."""

from typing import Annotated, Any

from chassis.grpc_client import RemoteError
from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, ConfigDict, Field
from waypost.profile.v1 import correction_service_pb2 as pb

from gateway_service.auth import needs
from gateway_service.ingest.decode import MAX_DEPTH, too_deep
from gateway_service.problems import FieldError, Problem, answer_of
from gateway_service.remote import Remote, mutation_id
from gateway_service.routes._answers import PROBLEMS, json_bytes
from gateway_service.routes._people import identity_id_of
from gateway_service.routes.profiles import Profile
from gateway_service.store.keys import Credential

Writer = Annotated[Credential, Depends(needs("profiles:write", confined=True))]


class Correction(BaseModel):
    model_config = ConfigDict(extra="forbid")

    traits: dict[str, Any] = Field(min_length=1)
    """Trait → new value; null takes it away."""


def router(remote: Remote) -> APIRouter:
    routes = APIRouter(prefix="/v1", tags=["profiles"], responses=PROBLEMS)

    @routes.patch(
        "/profiles/{profile}",
        responses={412: answer_of("Changed meanwhile")},
    )
    async def correct_profile(
        profile: str,
        body: Correction,
        credential: Writer,
        request: Request,
        if_match: Annotated[str, Header(max_length=200)] = "",
    ) -> Profile:
        """Wins over what was said before, and can be read when it is answered."""
        traits = json_bytes(body.traits)
        if too_deep(traits):
            errors = [FieldError(pointer="/traits", reason="too_deep")]
            raise Problem(400, "FIELD_INVALID", f"traits nest {MAX_DEPTH} levels at most", errors=errors)
        message = pb.CorrectTraitsRequest(
            profile_id=await identity_id_of(remote, credential, profile),
            traits_json=traits,
            etag=if_match.strip().removeprefix("W/").strip('"').removeprefix("*"),
            request_id=mutation_id(request, credential),
        )
        try:
            answer = await remote.call("profile", "CorrectTraits", message, credential)
        except RemoteError as error:
            if error.reason == "ETAG_MISMATCH":
                raise Problem(412, error.reason, error.message) from error
            raise
        return Profile.of(answer.profile, credential)

    return routes
