"""Profile and journey as dispatch sees them: small peers that speak the protos."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from chassis.context import ContextSigner
from chassis.errors import DatabaseUnavailable, InvalidArgument
from chassis.grpc_server import GrpcServer, Servicer
from chassis.ids import derived_id
from waypost.journey.v1 import journey_service_pb2, journey_service_pb2_grpc
from waypost.profile.v1 import (
    consent_service_pb2,
    consent_service_pb2_grpc,
    profile_service_pb2,
    profile_service_pb2_grpc,
)
from waypost_dev.ports import pick_free

from .provider import DEADLINE_S


@dataclass
class World:
    """What profile and journey answer, and a door for callbacks."""

    addresses: dict[str, dict[str, str]] = field(default_factory=dict)
    """Profile id → type → address."""
    runs: set[str] = field(default_factory=set)
    """Those that journey knows."""
    forbidden: dict[str, str] = field(default_factory=dict)
    """Run → why it wants no message any more."""
    refusals: dict[str, dict[str, str]] = field(default_factory=dict)
    """Profile id → purpose, or purpose/topic/org unit → why its consent says no, by SMS."""
    versions: dict[str, int] = field(default_factory=dict)
    """Profile id → version of its consents that an answer about topics holds for."""
    silent: bool = False
    asked: int = 0
    callbacks: int = 0

    def know(self, profile_id: str, address: str) -> None:
        """The person's newest address of its type."""
        self.addresses.setdefault(profile_id, {})["email" if "@" in address else "phone"] = address


def key_of(address: str) -> str:
    """The contact key that the double gives an address."""
    return derived_id(address).hex


class Profile(profile_service_pb2_grpc.ProfileServiceServicer):
    def __init__(self, world: World) -> None:
        self._world = world

    async def BatchGetContacts(self, request: Any, _: Any) -> Any:
        self._world.asked += 1
        if self._world.silent:
            await asyncio.sleep(DEADLINE_S)
        if len(request.profile_ids) > 500:
            raise InvalidArgument("at most 500 people a call", field="profile_ids")
        if len(request.consents) > 5:
            raise InvalidArgument("at most 5 questions a call", field="consents")
        answer = profile_service_pb2.BatchGetContactsResponse()
        for profile_id in request.profile_ids:
            contact = answer.contacts.add(profile_id=profile_id)
            said = self._world.refusals.get(profile_id, {})
            for scope in request.consents:
                narrow = bool(scope.topic or scope.org_unit_id)
                key = f"{scope.purpose}/{scope.topic}/{scope.org_unit_id}" if narrow else scope.purpose
                contact.consents.add(scope=scope, refusal=said.get(key, "") if scope.channel == "sms" else "")
                if narrow:
                    contact.consent_version = self._world.versions.get(profile_id, 0)
            if address := self._world.addresses.get(profile_id, {}).get(request.type):
                contact.current_profile_id = profile_id
                contact.contact_point.type = request.type
                contact.contact_point.address = address
                contact.contact_point.contact_key = key_of(address)
        return answer


class Consents(consent_service_pb2_grpc.ConsentServiceServicer):
    def __init__(self, world: World) -> None:
        self._world = world

    async def GetContactKey(self, request: Any, _: Any) -> Any:
        if self._world.silent:
            raise DatabaseUnavailable("not now")
        if not request.address.startswith("+"):
            raise InvalidArgument("no phone number", field="address")
        return consent_service_pb2.GetContactKeyResponse(contact_key=key_of(request.address))


class Journey(journey_service_pb2_grpc.JourneyServiceServicer):
    def __init__(self, world: World) -> None:
        self._world = world

    async def CheckRuns(self, request: Any, _: Any) -> Any:
        world = self._world
        reasons = [
            world.forbidden.get(one.run_id, "") if one.run_id in world.runs else "run_unknown"
            for one in request.runs
        ]
        verdicts = [journey_service_pb2.RunVerdict(allowed=not r, reason=r) for r in reasons]
        return journey_service_pb2.CheckRunsResponse(verdicts=verdicts)


async def start_peers(stack: AsyncExitStack, world: World, signer: ContextSigner) -> str:
    """Starts profile and journey; their addresses as WAYPOST_PEERS."""
    ports = pick_free(), pick_free()
    made = (
        [
            Servicer("waypost.profile.v1.ProfileService", profile_service_pb2_grpc.add_ProfileServiceServicer_to_server, Profile(world)),
            Servicer("waypost.profile.v1.ConsentService", consent_service_pb2_grpc.add_ConsentServiceServicer_to_server, Consents(world)),
        ],
        [Servicer("waypost.journey.v1.JourneyService", journey_service_pb2_grpc.add_JourneyServiceServicer_to_server, Journey(world))],
    )  # fmt: skip
    for port, servicers in zip(ports, made, strict=True):
        server = GrpcServer("peer", f"127.0.0.1:{port}", servicers, signer)
        await server.start()
        await server.set_ready(True)
        stack.push_async_callback(server.stop, 0)
    return f"profile=127.0.0.1:{ports[0]},journey=127.0.0.1:{ports[1]}"
