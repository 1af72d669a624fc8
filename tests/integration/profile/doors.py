"""Profile's gRPC servicers on the database of a harness, called as by the gateway."""

from typing import Any

from chassis import context
from chassis.context import Tenant
from chassis.keyring import Keyring
from chassis.outbox import Outbox
from chassis.paging import Pages
from profile_service.api.directory_servicer import DirectoryServicer
from profile_service.api.schema_servicer import SchemaServicer
from profile_service.api.servicer import ProfileServicer
from profile_service.phones import parse_phone
from waypost.common.v1 import record_pb2
from waypost.profile.v1 import profile_events_pb2
from waypost.profile.v1 import profile_service_pb2 as pb

from tests.integration.silent_bus import SilentBus

from .harness import Profile


class Doors:
    def __init__(self, profile: Profile) -> None:
        pages, clock = Pages(Keyring(bytes(32))), profile.clock
        self.profile = profile
        self.people = ProfileServicer(profile.database, profile.ciphers, pages, parse_phone)
        outbox = Outbox(profile.database, SilentBus("", "profile"))
        self.directory = DirectoryServicer(
            profile.database, outbox, profile.ciphers, pages, clock, profile.declarations
        )
        self.schemas = SchemaServicer(profile.database, pages, clock, profile.declarations)
        self.enter()

    def enter(self, *org_units: str) -> None:
        """Calls from now on come from somebody who is confined to these; none: to nothing."""
        context.enter(Tenant("gateway", self.profile.workspace_id, org_units=org_units))

    async def get(self, identifier: str) -> pb.Profile:
        kind, _, value = identifier.partition(":")
        request = pb.GetProfileRequest(identifier=pb.IdentifierKey(type=kind, value=value))
        return (await self.people.GetProfile(request, None)).profile

    async def published(self) -> list[profile_events_pb2.ProfileRecord]:
        """What calls told on PROFILE."""
        async with self.profile.database.connection() as connection:
            rows: list[Any] = await connection.fetch("SELECT payload FROM outbox ORDER BY id")
        batches = [record_pb2.RecordBatch.FromString(row["payload"]) for row in rows]
        return [profile_events_pb2.ProfileRecord.FromString(r) for b in batches for r in b.records]
