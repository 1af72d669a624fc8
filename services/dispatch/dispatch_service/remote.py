"""The other services that a send depends on, asked once per claim with a short deadline."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.grpc_client import Peers, RemoteError
from waypost.journey.v1 import journey_service_pb2, journey_service_pb2_grpc
from waypost.profile.v1 import consent_pb2, profile_service_pb2, profile_service_pb2_grpc

from dispatch_service.channels.kinds import CHANNELS
from dispatch_service.domain.messages import Contact, Intention
from dispatch_service.ports import Unavailable

DEADLINE_S = 0.5


class ProfileContacts:
    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def of(
        self, workspace_id: UUID, identity_ids: Sequence[UUID], channel: str, purposes: Sequence[str]
    ) -> Mapping[UUID, Contact]:
        request = profile_service_pb2.BatchGetContactsRequest(
            # Every identity's id is an id of its person.
            profile_ids=[str(one) for one in identity_ids],
            type=CHANNELS[channel].address_type,
            consents=[consent_pb2.ConsentScope(channel=channel, purpose=one) for one in purposes],
        )
        try:
            stub = self._peers.stub("profile", profile_service_pb2_grpc.ProfileServiceStub)
            tenant = self._peers.tenant(workspace_id)
            answer = await self._peers.call(stub.BatchGetContacts, request, tenant, deadline_s=DEADLINE_S)
        except (RemoteError, KeyError) as error:
            raise Unavailable(f"profile.BatchGetContacts: {error}") from error
        found = zip(identity_ids, answer.contacts, strict=True)
        return {
            identity_id: Contact(
                bytes.fromhex(one.contact_point.contact_key),
                one.contact_point.address,
                UUID(one.current_profile_id).bytes,
                {answer.scope.purpose: answer.refusal for answer in one.consents},
            )
            for identity_id, one in found
            if one.HasField("contact_point") and one.contact_point.address and one.contact_point.contact_key
        }


class JourneyRuns:
    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def forbidden(self, workspace_id: UUID, intentions: Sequence[Intention]) -> Mapping[UUID, str]:
        if not intentions:
            return {}
        checks = [
            journey_service_pb2.RunCheck(run_id=one.run_id, sequence=one.run_sequence) for one in intentions
        ]
        request = journey_service_pb2.CheckRunsRequest(runs=checks)
        try:
            stub = self._peers.stub("journey", journey_service_pb2_grpc.JourneyServiceStub)
            tenant = self._peers.tenant(workspace_id)
            answer = await self._peers.call(stub.CheckRuns, request, tenant, deadline_s=DEADLINE_S)
        except (RemoteError, KeyError) as error:
            raise Unavailable(f"journey.CheckRuns: {error}") from error
        verdicts = zip(intentions, answer.verdicts, strict=True)
        return {one.message_id: v.reason or "run_forbidden" for one, v in verdicts if not v.allowed}
