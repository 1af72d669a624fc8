"""The composition root of profile."""

from functools import partial
from uuid import UUID

from chassis.grpc_server import Servicer
from chassis.parts import Parts
from chassis.sealed import open_batch
from chassis.service import Service
from waypost.profile.v1.export_service_pb2_grpc import add_ExportServiceServicer_to_server
from waypost.profile.v1.identity_service_pb2_grpc import add_IdentityServiceServicer_to_server
from waypost.profile.v1.preview_service_pb2_grpc import add_PreviewServiceServicer_to_server
from waypost.profile.v1.profile_service_pb2_grpc import add_ProfileServiceServicer_to_server

from profile_service.api.export_calls import ExportServicer
from profile_service.api.identity_calls import IdentityServicer
from profile_service.api.preview_calls import PreviewServicer
from profile_service.api.servicer import ProfileServicer
from profile_service.phones import parse_phone
from profile_service.settings import ProfileSettings
from profile_service.store.numbers import Numbers
from profile_service.store.settings_in_force import SettingsInForce
from profile_service.usecases.expire_letters import ExpireLetters
from profile_service.usecases.ingest_calls import IngestCalls
from profile_service.usecases.preview_calls import PreviewCalls
from profile_service.usecases.resettle import Resettle


def build(settings: ProfileSettings, roles: frozenset[str]) -> Service:
    parts = Parts.of("profile", settings)
    ciphers = parts.ciphers()

    def seal(workspace_id: UUID, record: bytes) -> bytes:
        return ciphers.of(workspace_id).seal(record, b"dead")

    settings_in_force = SettingsInForce()
    numbers = Numbers(parts.database)
    handlers = {"INGEST": IngestCalls(ciphers, numbers, parts.clock, parse_phone, settings_in_force)}
    consumers = [
        parts.consumer(stream, handler, open_payload=partial(open_batch, ciphers), seal_dead_letter=seal)
        for stream, handler in handlers.items()
    ]
    preview = PreviewCalls(parts.database, ciphers, handlers["INGEST"], settings_in_force, parse_phone)
    servicer = ProfileServicer(parts.database, ciphers, parts.pages, parse_phone)
    identity = IdentityServicer(
        parts.database, ciphers, parts.pages, parts.outbox, parts.clock, settings_in_force, parse_phone
    )
    return parts.service(
        roles,
        [
            Servicer(
                "waypost.profile.v1.ProfileService",
                add_ProfileServiceServicer_to_server,
                servicer,
                {
                    "BatchGetContacts": "dispatch",
                    "ListDeadLetters": "gateway",
                    "DeleteDeadLetters": "gateway",
                },
            ),
            Servicer("waypost.profile.v1.IdentityService", add_IdentityServiceServicer_to_server, identity),
            Servicer(
                "waypost.profile.v1.PreviewService",
                add_PreviewServiceServicer_to_server,
                PreviewServicer(preview, parts.bus),
                dict.fromkeys(("PreviewCalls", "CheckIdentifiers", "GetIngestBacklog"), "gateway"),
            ),
            Servicer(
                "waypost.profile.v1.ExportService",
                add_ExportServiceServicer_to_server,
                ExportServicer(parts.database, ciphers, parts.pages),
                {"ExportProfiles": "gateway"},
            ),
        ],
        consumers,
        [
            ExpireLetters(parts.database, parts.clock, parts.gate).run,
            Resettle(parts.database, parts.outbox, parts.clock, parts.gate).run,
        ],
    )
