"""The composition root of profile."""

from functools import partial
from uuid import UUID

from chassis import workspace_lock
from chassis.crypto import Ciphers
from chassis.data_keys import DataKeys
from chassis.grpc_server import Servicer
from chassis.parts import Parts
from chassis.personal_data import personal_data
from chassis.sealed import open_batch
from chassis.service import Service
from waypost.profile.v1.consent_service_pb2_grpc import add_ConsentServiceServicer_to_server
from waypost.profile.v1.correction_service_pb2_grpc import add_CorrectionServiceServicer_to_server
from waypost.profile.v1.credit_service_pb2_grpc import add_CreditServiceServicer_to_server
from waypost.profile.v1.data_key_service_pb2_grpc import add_DataKeyServiceServicer_to_server
from waypost.profile.v1.directory_service_pb2_grpc import add_DirectoryServiceServicer_to_server
from waypost.profile.v1.exchange_rate_service_pb2_grpc import (
    add_ExchangeRateServiceServicer_to_server,
)
from waypost.profile.v1.export_service_pb2_grpc import add_ExportServiceServicer_to_server
from waypost.profile.v1.identity_check_service_pb2_grpc import add_IdentityCheckServiceServicer_to_server
from waypost.profile.v1.identity_service_pb2_grpc import add_IdentityServiceServicer_to_server
from waypost.profile.v1.preview_service_pb2_grpc import add_PreviewServiceServicer_to_server
from waypost.profile.v1.privacy_service_pb2_grpc import add_PrivacyServiceServicer_to_server
from waypost.profile.v1.profile_service_pb2_grpc import add_ProfileServiceServicer_to_server
from waypost.profile.v1.schema_service_pb2_grpc import add_SchemaServiceServicer_to_server
from waypost.profile.v1.search_service_pb2_grpc import add_SearchServiceServicer_to_server
from waypost.profile.v1.seen_service_pb2_grpc import add_SeenServiceServicer_to_server

from profile_service.api.consent_servicer import ConsentServicer
from profile_service.api.correction_servicer import CorrectionServicer
from profile_service.api.credit_servicer import CreditServicer
from profile_service.api.data_key_servicer import DataKeyServicer
from profile_service.api.directory_servicer import DirectoryServicer
from profile_service.api.exchange_rate_servicer import ExchangeRateServicer
from profile_service.api.export_calls import ExportServicer
from profile_service.api.identity_calls import IdentityServicer
from profile_service.api.identity_check_servicer import IdentityCheckServicer
from profile_service.api.preview_calls import PreviewServicer
from profile_service.api.privacy_servicer import PrivacyServicer
from profile_service.api.schema_servicer import SchemaServicer
from profile_service.api.search_servicer import SearchServicer
from profile_service.api.seen_servicer import SeenServicer
from profile_service.api.servicer import ProfileServicer
from profile_service.phones import parse_phone
from profile_service.schemas import compile_schema
from profile_service.settings import ProfileSettings
from profile_service.store.declared import Declarations
from profile_service.store.numbers import Numbers
from profile_service.store.personal_data import HELD
from profile_service.store.settings_in_force import SettingsInForce
from profile_service.usecases.correct_traits import CorrectTraits
from profile_service.usecases.erase_person import ErasePerson
from profile_service.usecases.expire_events import ExpireEvents
from profile_service.usecases.expire_letters import ExpireLetters
from profile_service.usecases.find_orders import FindOrders
from profile_service.usecases.follow_data_keys import FollowDataKeys
from profile_service.usecases.forget_changes import ForgetChanges
from profile_service.usecases.index_old_people import IndexOldPeople
from profile_service.usecases.ingest_calls import IngestCalls
from profile_service.usecases.letters_of import LettersOf
from profile_service.usecases.note_sources import SourceBook
from profile_service.usecases.preview_calls import PreviewCalls
from profile_service.usecases.readmit import Readmit
from profile_service.usecases.reseal import Reseal
from profile_service.usecases.resettle import Resettle
from profile_service.usecases.revalue_orders import RevalueOrders
from profile_service.usecases.take_opt_outs import TakeOptOuts


def build(settings: ProfileSettings, roles: frozenset[str]) -> Service:
    parts = Parts.of("profile", settings)
    provider = parts.key_provider()
    data_keys = DataKeys(provider, parts.clock)
    ciphers = Ciphers(provider, data_keys)

    def seal(workspace_id: UUID, record: bytes) -> bytes:
        return ciphers.of(workspace_id).seal(record, b"dead")

    settings_in_force = SettingsInForce()
    declarations = Declarations(parts.clock, compile_schema)
    sources = SourceBook(parts.database, parts.gate)
    numbers = Numbers(parts.database)

    def ingesting(noting: SourceBook | None) -> IngestCalls:
        return IngestCalls(
            ciphers, numbers, parts.clock, parse_phone, settings_in_force, declarations, noting
        )

    ingest = ingesting(sources)
    consumers = [
        parts.consumer(
            "INGEST",
            ingest,
            open_payload=partial(open_batch, ciphers),
            seal_dead_letter=seal,
            opening=workspace_lock.shared,
        ),
        parts.consumer("MESSAGE", TakeOptOuts(parts.clock), seal_dead_letter=seal),
    ]
    preview = PreviewCalls(parts.database, ciphers, ingesting(None), settings_in_force, parse_phone)
    servicer = ProfileServicer(parts.database, ciphers, parts.pages, parse_phone)
    identity = IdentityServicer(
        parts.database, ciphers, parts.pages, parts.outbox, parts.clock, settings_in_force, parse_phone
    )
    consents = ConsentServicer(parts.database, parts.outbox, ciphers, parts.pages, parts.clock, parse_phone)
    search = SearchServicer(parts.database, ciphers, parts.pages, parse_phone)
    correct = CorrectTraits(ingest, ciphers, parts.clock, parse_phone)
    corrections = CorrectionServicer(parts.database, parts.outbox, ciphers, correct)
    data_key_calls = DataKeyServicer(parts.database, data_keys, provider, parts.clock)
    privacy = PrivacyServicer(
        parts.database,
        parts.outbox,
        ciphers,
        parts.clock,
        parse_phone,
        ErasePerson(ciphers, parts.clock),
        Readmit(ingest, ciphers, parts.clock),
    )
    service = parts.service(
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
                "waypost.profile.v1.IdentityCheckService",
                add_IdentityCheckServiceServicer_to_server,
                IdentityCheckServicer(parts.database),
                {"CheckIdentities": "gateway"},
            ),
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
            Servicer(
                "waypost.profile.v1.ConsentService",
                add_ConsentServiceServicer_to_server,
                consents,
                {"RecordConsent": "gateway"},
            ),
            Servicer(
                "waypost.profile.v1.CreditService",
                add_CreditServiceServicer_to_server,
                CreditServicer(parts.database, parts.clock),
            ),
            Servicer(
                "waypost.profile.v1.DirectoryService",
                add_DirectoryServiceServicer_to_server,
                DirectoryServicer(
                    parts.database, parts.outbox, ciphers, parts.pages, parts.clock, declarations
                ),
            ),
            Servicer(
                "waypost.profile.v1.SchemaService",
                add_SchemaServiceServicer_to_server,
                SchemaServicer(parts.database, parts.pages, parts.clock, declarations),
            ),
            Servicer(
                "waypost.profile.v1.ExchangeRateService",
                add_ExchangeRateServiceServicer_to_server,
                ExchangeRateServicer(parts.database, parts.pages, parts.clock, declarations),
            ),
            Servicer("waypost.profile.v1.SearchService", add_SearchServiceServicer_to_server, search),
            Servicer(
                "waypost.profile.v1.SeenService",
                add_SeenServiceServicer_to_server,
                SeenServicer(parts.database),
                {"ListSeenMessages": "gateway"},
            ),
            Servicer(
                "waypost.profile.v1.CorrectionService", add_CorrectionServiceServicer_to_server, corrections
            ),
            Servicer(
                "waypost.profile.v1.DataKeyService",
                add_DataKeyServiceServicer_to_server,
                data_key_calls,
                {"FetchDataKeys": "gateway"},
            ),
            Servicer(
                "waypost.profile.v1.PrivacyService",
                add_PrivacyServiceServicer_to_server,
                privacy,
                dict.fromkeys(("ListIdentities", "ErasePerson", "ReadmitIdentifiers"), "gateway"),
            ),
            personal_data(parts, HELD, ciphers, LettersOf(ciphers, parse_phone)),
        ],
        consumers,
        [
            ExpireLetters(parts.database, parts.clock, parts.gate).run,
            Resettle(parts.database, parts.outbox, parts.clock, parts.gate).run,
            ExpireEvents(parts.database, parts.clock, parts.gate).run,
            FindOrders(parts.database, parts.outbox, parts.clock, parts.gate).run,
            RevalueOrders(parts.database, parts.outbox, parts.clock, parts.gate).run,
            sources.run,
            ForgetChanges(parts.database, parts.clock, parts.gate).run,
            IndexOldPeople(parts.database, ciphers, parts.clock, parts.gate).run,
            Reseal(parts.database, ciphers, data_keys, parts.clock, parts.gate).run,
        ],
    )
    follow = FollowDataKeys(
        parts.database, data_keys, provider, parts.clock, parts.gate, for_all=settings.data_keys
    )
    service.followers = [follow.run]
    service.informed = lambda: data_keys.loaded
    return service
