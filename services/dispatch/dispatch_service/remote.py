"""The other services that a send depends on, asked once per claim with a short deadline."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import grpc
from chassis.grpc_client import Peers, RemoteError
from waypost.journey.v1 import journey_service_pb2, journey_service_pb2_grpc
from waypost.profile.v1 import (
    consent_pb2,
    consent_service_pb2,
    consent_service_pb2_grpc,
    profile_service_pb2,
    profile_service_pb2_grpc,
)

from dispatch_service.channels.kinds import CHANNELS
from dispatch_service.domain.messages import Contact, Intention, Scope
from dispatch_service.ports import Unavailable

DEADLINE_S = 0.5
MOST_QUESTIONS = 5
"""Of one call."""


class ProfileContacts:
    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def of(
        self, workspace_id: UUID, channel: str, asked: Collection[tuple[UUID, Scope]]
    ) -> Mapping[UUID, Contact]:
        of_scope: dict[Scope, set[UUID]] = {}
        for identity_id, scope in asked:
            of_scope.setdefault(scope, set()).add(identity_id)
        scopes = sorted(of_scope)
        parts = [scopes[n : n + MOST_QUESTIONS] for n in range(0, len(scopes), MOST_QUESTIONS)]
        answers = [
            self._ask(workspace_id, channel, part, list(set().union(*(of_scope[s] for s in part))))
            for part in parts
        ]
        found: dict[UUID, Contact] = {}
        for contacts in await asyncio.gather(*answers):
            for identity_id, contact in contacts.items():
                found[identity_id] = _together(found.get(identity_id), contact)
        return found

    async def _ask(
        self, workspace_id: UUID, channel: str, scopes: Sequence[Scope], identity_ids: Sequence[UUID]
    ) -> dict[UUID, Contact]:
        request = profile_service_pb2.BatchGetContactsRequest(
            # Every identity's id is an id of its person.
            profile_ids=[str(one) for one in identity_ids],
            type=CHANNELS[channel].address_type,
            consents=[
                consent_pb2.ConsentScope(
                    channel=channel, purpose=s.purpose, topic=s.topic, org_unit_id=s.org_unit_id
                )
                for s in scopes
            ],
        )
        try:
            stub = self._peers.stub("profile", profile_service_pb2_grpc.ProfileServiceStub)
            tenant = self._peers.tenant(workspace_id)
            answer = await self._peers.call(stub.BatchGetContacts, request, tenant, deadline_s=DEADLINE_S)
        except (RemoteError, KeyError) as error:
            raise Unavailable(f"profile.BatchGetContacts: {error}") from error
        return {
            identity_id: Contact(
                bytes.fromhex(one.contact_point.contact_key),
                one.contact_point.address,
                UUID(one.current_profile_id).bytes,
                {scope: said.refusal for scope, said in zip(scopes, one.consents, strict=True)},
                one.consent_version if one.HasField("consent_version") else None,
            )
            for identity_id, one in zip(identity_ids, answer.contacts, strict=True)
            if one.HasField("contact_point") and one.contact_point.address and one.contact_point.contact_key
        }


class ProfileContactKeys:
    def __init__(self, peers: Peers) -> None:
        self._peers = peers

    async def of(self, workspace_id: UUID, channel: str, address: str) -> bytes | None:
        request = consent_service_pb2.GetContactKeyRequest(channel=channel, address=address)
        stub = self._peers.stub("profile", consent_service_pb2_grpc.ConsentServiceStub)
        try:
            answer = await self._peers.call(stub.GetContactKey, request, self._peers.tenant(workspace_id))
        except RemoteError as error:
            if error.code is grpc.StatusCode.INVALID_ARGUMENT:
                return None
            raise
        return bytes.fromhex(answer.contact_key)


def _together(known: Contact | None, more: Contact) -> Contact:
    """Of one person, asked about twice; who has another address by then is asked about what is missing later."""
    if known is None or known.key != more.key or known.person != more.person:
        return more
    versions = [one.version for one in (known, more) if one.version is not None]
    return replace(more, refusals={**known.refusals, **more.refusals}, version=min(versions, default=None))


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
