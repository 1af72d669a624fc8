"""DirectoryService: what surrounds people."""

from chassis.clock import Clock
from chassis.crypto import Ciphers
from chassis.database import Database
from chassis.outbox import Outbox
from chassis.paging import Pages
from waypost.profile.v1 import directory_service_pb2_grpc

from profile_service.api.account_calls import AccountCalls
from profile_service.api.org_unit_calls import OrgUnitCalls
from profile_service.api.relation_calls import RelationCalls
from profile_service.api.source_calls import SourceCalls
from profile_service.store.declared import Declarations


class DirectoryServicer(  # type: ignore[misc]
    SourceCalls,
    OrgUnitCalls,
    RelationCalls,
    AccountCalls,
    directory_service_pb2_grpc.DirectoryServiceServicer,
):
    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        ciphers: Ciphers,
        pages: Pages,
        clock: Clock,
        declarations: Declarations,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._ciphers = ciphers
        self._pages = pages
        self._clock = clock
        self._declarations = declarations
