"""Somebody who was erased begins anew: with a consent, and without anything of what was before."""

from collections.abc import Sequence

from chassis.bus import Source
from chassis.clock import Clock, from_ms, to_ms
from chassis.crypto import Ciphers
from chassis.database import Tx
from chassis.errors import NotFound
from chassis.handling import Batch
from chassis.outbox import Outgoing
from waypost.profile.v1 import ingest_pb2

from profile_service.domain.identifiers import Identifier
from profile_service.events import published_consents
from profile_service.store import erased, identifiers
from profile_service.store.consents import NewEntry
from profile_service.usecases.ingest_calls import IngestCalls
from profile_service.usecases.keying import key_of
from profile_service.usecases.record_consents import Recorded, Statement, record_consents

SOURCE = "waypost.readmission"


class Readmit:
    def __init__(self, ingest: IngestCalls, ciphers: Ciphers, clock: Clock) -> None:
        self._ingest = ingest
        self._ciphers = ciphers
        self._clock = clock

    async def __call__(
        self, tx: Tx, named: Sequence[Identifier], consent: NewEntry, source: Source
    ) -> tuple[int, Recorded, list[Outgoing]]:
        """How many identifiers had been held back, the consent, and what follows for PROFILE."""
        cipher = self._ciphers.of(tx.workspace_id)
        # Whole milliseconds, as times of calls are: what is said at this moment is said after it.
        now = from_ms(to_ms(self._clock.now()))
        keys = [key_of(i, cipher) for i in named]
        readmitted = await erased.readmit(tx, [erased.hash_of(key, cipher) for key in keys], now)
        if not readmitted:
            raise NotFound(
                "none of these identifiers is held back: take them in as any others", kind="erasure"
            )
        record = ingest_pb2.IngestRecord(
            kind=ingest_pb2.INGEST_KIND_IDENTIFY, source=SOURCE, traits_json=b"{}"
        )
        for one in named:
            record.identifiers.add(type=one.type, scope=one.scope, value=one.value)
        record.meta.record_id = f"readmission:{consent.consent_id}"
        record.meta.event_time.FromDatetime(now)
        record.meta.accept_time.FromDatetime(now)
        outgoing = await self._ingest.apply(
            tx, Batch(tx.workspace_id, source, [record.SerializeToString()]), None
        )
        person = (await identifiers.find(tx, keys[:1]))[keys[0]]
        (recorded,) = await record_consents(tx, [Statement(person.identity_id, consent)], now)
        told = Outgoing("PROFILE", [published_consents.stated(recorded, now)])
        return readmitted, recorded, [*outgoing, told]
