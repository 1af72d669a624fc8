"""The parts that every service is built from, made once in its app.build."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from waypost.common.v1 import record_pb2

from chassis.bus import Bus
from chassis.clock import Clock, SystemClock
from chassis.consumer import Consumer, Handler, Open, Opening
from chassis.context import ContextSigner
from chassis.crypto import FileKeyProvider
from chassis.database import Database
from chassis.grpc_client import Peers
from chassis.grpc_server import GrpcServer, Servicer
from chassis.lanes import LaneGate
from chassis.outbox import Outbox
from chassis.paging import Pages
from chassis.sampling import Sampler
from chassis.service import Loop, Service
from chassis.settings import ServiceSettings


def _plain(_workspace_id: UUID, record: bytes) -> bytes:
    """Only INGEST carries personal data; records of the other streams are stored as they are."""
    return record


@dataclass(frozen=True)
class Parts:
    name: str
    settings: ServiceSettings
    clock: Clock
    database: Database
    bus: Bus
    outbox: Outbox
    gate: LaneGate
    signer: ContextSigner
    peers: Peers
    pages: Pages

    @classmethod
    def of(cls, name: str, settings: ServiceSettings, clock: Clock | None = None) -> "Parts":
        clock = clock or SystemClock()
        keys = settings.keyring()
        database = Database(settings.postgres_url, settings.pool_size)
        bus = Bus(settings.nats_url, name, settings.nats_replicas, settings.broker_access)
        signer = ContextSigner(keys, clock)
        return cls(
            name=name,
            settings=settings,
            clock=clock,
            database=database,
            bus=bus,
            outbox=Outbox(database, bus),
            gate=LaneGate(settings.handlers),
            signer=signer,
            peers=Peers(name, dict(settings.peers), signer, settings.tls()),
            pages=Pages(keys),
        )

    def key_provider(self) -> FileKeyProvider:
        """For gateway and profile only."""
        if self.settings.keys_file is None:
            raise ValueError("WAYPOST_KEYS_FILE must name the file with the master keys")
        return FileKeyProvider(self.settings.keys_file)

    def consumer(
        self,
        stream: str,
        handler: Handler,
        *,
        open_payload: Open = record_pb2.RecordBatch.FromString,
        seal_dead_letter: Callable[[UUID, bytes], bytes] = _plain,
        after_commit: Callable[[], None] = lambda: None,
        opening: Opening = lambda _: "",
    ) -> Consumer:
        return Consumer(
            stream,
            handler,
            database=self.database,
            bus=self.bus,
            outbox=self.outbox,
            gate=self.gate,
            seal_dead_letter=seal_dead_letter,
            open_payload=open_payload,
            after_commit=after_commit,
            opening=opening,
        )

    def service(
        self,
        roles: frozenset[str],
        servicers: Sequence[Servicer],
        consumers: Sequence[Consumer] = (),
        loops: Sequence[Loop] = (),
        samplers: Sequence[Sampler] = (),
    ) -> Service:
        return Service(
            name=self.name,
            database=self.database,
            bus=self.bus,
            outbox=self.outbox,
            gate=self.gate,
            server=GrpcServer(
                self.name,
                self.settings.listen,
                servicers,
                self.signer,
                reflected=self.settings.reflection,
                tls=self.settings.tls(),
                health_listen=self.settings.health_listen,
            ),
            peers=self.peers,
            roles=roles,
            consumers=consumers,
            loops=loops,
            leave_s=self.settings.leave_s,
            metrics_listen=self.settings.metrics_listen,
            samplers=samplers,
        )
