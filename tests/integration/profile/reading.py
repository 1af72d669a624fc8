"""Profile with its doors for reading and correcting."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis import context
from chassis.clock import ManualClock
from chassis.context import Tenant
from chassis.crypto import Ciphers
from chassis.database import Database
from chassis.keyring import Keyring
from chassis.outbox import Outbox
from chassis.paging import Pages
from google.protobuf.timestamp_pb2 import Timestamp
from profile_service.api.correction_servicer import CorrectionServicer
from profile_service.api.search_servicer import SearchServicer
from profile_service.phones import parse_phone
from profile_service.usecases.correct_traits import CorrectTraits
from waypost.profile.v1 import correction_service_pb2, profile_service_pb2, search_service_pb2

from tests.integration.silent_bus import SilentBus

from .harness import Profile


class Doors(Profile):
    def __init__(self, database: Database, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> None:
        super().__init__(database, ciphers, clock, workspace_id)
        self.search = SearchServicer(database, ciphers, Pages(Keyring(bytes(32))), parse_phone)
        outbox = Outbox(database, SilentBus("nats://nowhere", "profile"))
        correct = CorrectTraits(self.handler, ciphers, clock, parse_phone)
        self.corrections = CorrectionServicer(database, outbox, ciphers, correct)
        self.confine()

    def confine(self, *units: str) -> None:
        """Later calls are of somebody confined to these org units; of nobody confined without any."""
        context.enter(Tenant("gateway", self.workspace_id, org_units=units))

    async def ask(self, method: str, **fields: Any) -> Any:
        """A call of SearchService."""
        request = getattr(search_service_pb2, f"{method}Request")(**fields)
        return await getattr(self.search, method)(request, None)

    async def pages(self, method: str, of: str, page_size: int, **fields: Any) -> list[Any]:
        """Everything that a list has, page by page."""
        found: list[Any] = []
        token = ""
        while True:
            answer = await self.ask(method, page_size=page_size, page_token=token, **fields)
            assert len(getattr(answer, of)) <= page_size
            found += getattr(answer, of)
            token = answer.next_page_token
            if not token or getattr(answer, "caught_up", False):
                return found

    async def person(self, *identifiers: str) -> Any:
        """The person behind the first identifier, written type:value."""
        answer = await self.ask("BatchGetProfiles", profiles=[key(one) for one in identifiers])
        return answer.profiles[answer.positions[0]]

    async def correct(self, profile_id: str, etag: str = "", request_id: str = "", **traits: Any) -> Any:
        request = correction_service_pb2.CorrectTraitsRequest(
            profile_id=profile_id, traits_json=json.dumps(traits).encode(), etag=etag, request_id=request_id
        )
        return (await self.corrections.CorrectTraits(request, None)).profile


def key(identifier: str) -> search_service_pb2.ProfileKey:
    """Of type:value, or of a profile id."""
    kind, _, value = identifier.partition(":")
    if not value:
        return search_service_pb2.ProfileKey(profile_id=kind)
    return search_service_pb2.ProfileKey(identifier=profile_service_pb2.IdentifierKey(type=kind, value=value))


def traits(profile: Any) -> Any:
    return json.loads(profile.traits_json)


def stamp(at: datetime) -> Timestamp:
    found = Timestamp()
    found.FromDatetime(at)
    return found
