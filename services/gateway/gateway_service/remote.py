"""Calls to the other services on behalf of a credential."""

from typing import Any
from uuid import UUID

from chassis.grpc_client import Peers
from chassis.ids import derived_id, new_id
from fastapi import Request
from google.protobuf.message import Message
from waypost.common.v1 import personal_data_pb2_grpc as personal_data_grpc
from waypost.dispatch.v1 import message_service_pb2_grpc as dispatch_grpc
from waypost.dispatch.v1 import opt_out_service_pb2_grpc as opt_out_grpc
from waypost.dispatch.v1 import reach_service_pb2_grpc as reach_grpc
from waypost.dispatch.v1 import suppression_service_pb2_grpc as suppression_grpc
from waypost.dispatch.v1 import timeline_service_pb2_grpc as dispatch_timeline_grpc
from waypost.journey.v1 import journey_service_pb2_grpc as journey_grpc
from waypost.journey.v1 import timeline_service_pb2_grpc as journey_timeline_grpc
from waypost.profile.v1 import consent_service_pb2_grpc as consent_grpc
from waypost.profile.v1 import correction_service_pb2_grpc as correction_grpc
from waypost.profile.v1 import credit_service_pb2_grpc as credit_grpc
from waypost.profile.v1 import data_key_service_pb2_grpc as data_key_grpc
from waypost.profile.v1 import directory_service_pb2_grpc as directory_grpc
from waypost.profile.v1 import exchange_rate_service_pb2_grpc as exchange_rate_grpc
from waypost.profile.v1 import export_service_pb2_grpc as export_grpc
from waypost.profile.v1 import identity_check_service_pb2_grpc as identity_check_grpc
from waypost.profile.v1 import identity_service_pb2_grpc as identity_grpc
from waypost.profile.v1 import preview_service_pb2_grpc as preview_grpc
from waypost.profile.v1 import privacy_service_pb2_grpc as privacy_grpc
from waypost.profile.v1 import profile_service_pb2_grpc as profile_grpc
from waypost.profile.v1 import schema_service_pb2_grpc as schema_grpc
from waypost.profile.v1 import search_service_pb2_grpc as search_grpc
from waypost.profile.v1 import seen_service_pb2_grpc as seen_grpc
from waypost.scoring.v1 import rfm_service_pb2_grpc as scoring_grpc
from waypost.segment.v1 import segment_service_pb2_grpc as segment_grpc

from gateway_service.ingest.decode import NUL_ESCAPE
from gateway_service.problems import FieldError, Problem
from gateway_service.store.keys import Credential

_STUBS: dict[str, tuple[Any, ...]] = {
    "profile": (
        profile_grpc.ProfileServiceStub,
        identity_grpc.IdentityServiceStub,
        identity_check_grpc.IdentityCheckServiceStub,
        directory_grpc.DirectoryServiceStub,
        schema_grpc.SchemaServiceStub,
        exchange_rate_grpc.ExchangeRateServiceStub,
        search_grpc.SearchServiceStub,
        seen_grpc.SeenServiceStub,
        data_key_grpc.DataKeyServiceStub,
        correction_grpc.CorrectionServiceStub,
        consent_grpc.ConsentServiceStub,
        credit_grpc.CreditServiceStub,
        preview_grpc.PreviewServiceStub,
        export_grpc.ExportServiceStub,
        privacy_grpc.PrivacyServiceStub,
        personal_data_grpc.PersonalDataServiceStub,
    ),
    "segment": (segment_grpc.SegmentServiceStub, personal_data_grpc.PersonalDataServiceStub),
    "journey": (
        journey_grpc.JourneyServiceStub,
        journey_timeline_grpc.TimelineServiceStub,
        personal_data_grpc.PersonalDataServiceStub,
    ),
    "scoring": (scoring_grpc.RfmServiceStub, personal_data_grpc.PersonalDataServiceStub),
    "dispatch": (
        dispatch_grpc.MessageServiceStub,
        suppression_grpc.SuppressionServiceStub,
        dispatch_timeline_grpc.TimelineServiceStub,
        personal_data_grpc.PersonalDataServiceStub,
        reach_grpc.ReachServiceStub,
        opt_out_grpc.OptOutServiceStub,
    ),
}
_MOST_KEY_CHARS = 255


class Remote:
    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def call(
        self, service: str, method: str, request: Any, credential: Credential, *, deadline_s: float = 5.0
    ) -> Any:
        """The answer of `method`. Raises RemoteError, or Problem when this installation lacks the service."""
        return await self.call_for(
            service,
            method,
            request,
            credential.workspace_id,
            actor=credential.name,
            scopes=tuple(sorted(credential.scopes)),
            org_units=credential.org_units,
            deadline_s=deadline_s,
        )

    async def call_for(
        self,
        service: str,
        method: str,
        request: Any,
        workspace_id: UUID,
        *,
        actor: str = "",
        scopes: tuple[str, ...] = (),
        org_units: tuple[str, ...] = (),
        deadline_s: float = 5.0,
    ) -> Any:
        """Like `call`, for a workspace that is known without a key."""
        _refuse_nul(request)
        tenant = self._peers.tenant(workspace_id, actor, scopes, org_units)
        return await self._peers.call(self._method(service, method), request, tenant, deadline_s=deadline_s)

    def _method(self, service: str, method: str) -> Any:
        """A service speaks for several gRPC services; no two of them have a method of one name."""
        try:
            stubs = [self._peers.stub(service, make) for make in _STUBS[service]]
        except KeyError as error:
            raise Problem(503, "SERVICE_NOT_CONFIGURED", f"no address of {service} is configured") from error
        return next(getattr(stub, method) for stub in stubs if hasattr(stub, method))


def _refuse_nul(message: Message) -> None:
    """No service can store U+0000; said here once, for texts and JSON alike."""
    for field, value in message.ListFields():
        if isinstance(value, Message):
            _refuse_nul(value)
        elif field.is_repeated and field.message_type and not field.message_type.GetOptions().map_entry:
            for one in value:
                _refuse_nul(one)
        elif (isinstance(value, str) and "\0" in value) or (
            field.name.endswith("_json") and NUL_ESCAPE.search(value)
        ):
            problem = FieldError(pointer=f"/{field.name.removesuffix('_json')}", reason="nul_character")
            raise Problem(400, "FIELD_INVALID", "a text holds the character U+0000", errors=[problem])


def mutation_id(request: Request, credential: Credential) -> str:
    """The request_id of a mutation: named by the caller's Idempotency-Key and the route, else fresh."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return str(new_id())
    if not 0 < len(key) <= _MOST_KEY_CHARS:
        problem = FieldError(pointer="#Idempotency-Key", reason="length")
        raise Problem(
            400, "FIELD_INVALID", f"Idempotency-Key has 1 to {_MOST_KEY_CHARS} characters", errors=[problem]
        )
    route = f"{request.method} {request.url.path}"
    return str(derived_id(str(credential.workspace_id), credential.name, route, key))


def key_reused() -> Problem:
    """What an Idempotency-Key that came before with another body is answered."""
    return Problem(400, "REQUEST_ID_REUSED", "this Idempotency-Key was used with another body; use a new one")
