"""waypost.profile.v1.PrivacyService: parse → use case → render."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from chassis import context
from chassis.bus import PARTITIONS, Source
from chassis.clock import Clock, to_ms
from chassis.crypto import Ciphers
from chassis.database import Database, Tx
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import argument_uuid, new_id, timed_id
from chassis.outbox import Outbox, Outgoing, Row
from chassis.personal_data import store as erasures
from chassis.personal_data.servicer import rows_of
from waypost.profile.v1 import consent_pb2, privacy_service_pb2_grpc
from waypost.profile.v1 import consent_service_pb2 as consent_calls
from waypost.profile.v1 import privacy_service_pb2 as pb

from profile_service.api import consent_convert as convert
from profile_service.api.changing import Told, change_and_tell, partition_of, records_of
from profile_service.domain.identifiers import Identifier, ParsePhone, Refused, normalise
from profile_service.queries import people
from profile_service.store import identifiers
from profile_service.store.consents import PROOF, NewEntry
from profile_service.usecases.erase_person import ErasePerson
from profile_service.usecases.readmit import Readmit

MOST_READMITTED = 20


class PrivacyServicer(privacy_service_pb2_grpc.PrivacyServiceServicer):  # type: ignore[misc]
    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        ciphers: Ciphers,
        clock: Clock,
        parse_phone: ParsePhone,
        erase: ErasePerson,
        readmit: Readmit,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._ciphers = ciphers
        self._clock = clock
        self._parse_phone = parse_phone
        self._erase = erase
        self._readmit = readmit

    async def ListIdentities(self, request: pb.ListIdentitiesRequest, _: Any) -> pb.ListIdentitiesResponse:
        async with self._database.transaction(context.current().workspace_id) as tx:
            person = await people.resolve(tx, argument_uuid(request.profile_id, "profile_id"))
            if person is None:
                raise NotFound("no person has this id", kind="profile")
            members = await identifiers.members_of(tx, [person])
        return pb.ListIdentitiesResponse(
            profile_id=str(person), identity_ids=[str(m.identity_id) for m in members]
        )

    async def ErasePerson(self, request: pb.ErasePersonRequest, _: Any) -> pb.ErasePersonResponse:
        profile_id = argument_uuid(request.profile_id, "profile_id")
        erasure_id = argument_uuid(request.erasure_id, "erasure_id")
        rows: list[Row] = []

        async def work(tx: Tx) -> pb.ErasePersonResponse:
            rows.clear()
            done = await self._erase(tx, profile_id, erasure_id)
            outgoing = [Outgoing("PROFILE", done.records)] if done.records else []
            rows.extend(await self._outbox.add(tx, "live", erasure_id.int % PARTITIONS, outgoing))
            known = await erasures.erasure(tx, erasure_id)
            response = pb.ErasePersonResponse(
                identity_count=len(done.identity_ids),
                held_back_count=done.held_back,
                erased=rows_of(known["erased"]),
            )
            response.erase_time.FromDatetime(self._clock.now())
            return response

        answer = await self._database.run(context.current().workspace_id, work)
        await asyncio.shield(self._outbox.publish(rows))
        return answer

    async def ReadmitIdentifiers(
        self, request: pb.ReadmitIdentifiersRequest, _: Any
    ) -> pb.ReadmitIdentifiersResponse:
        tenant, now = context.current(), self._clock.now()
        named = self._named(request.identifiers)
        consent = consent_calls.RecordConsentRequest(
            scope=request.scope,
            state=consent_pb2.CONSENT_STATE_GRANTED,
            legal_basis=request.legal_basis,
            text_version=request.text_version,
            source=request.source,
        )
        with _under("consent"):
            scope, withdrawn = convert.read_scope(consent)
            proof = convert.read_proof(request.proof_json)
        consent_id = timed_id(to_ms(now), "readmission", request.request_id or str(new_id()))
        cipher = self._ciphers.of(tenant.workspace_id)
        entry = NewEntry(
            consent_id,
            b"",
            scope,
            withdrawn,
            request.legal_basis,
            request.text_version,
            request.source,
            cipher.seal(proof, PROOF + consent_id.bytes) if proof else None,
            tenant.actor,
        )

        async def work(tx: Tx) -> Told[pb.ReadmitIdentifiersResponse]:
            source = Source("INGEST", "live", partition_of(request))
            count, recorded, outgoing = await self._readmit(tx, named, entry, source)
            response = pb.ReadmitIdentifiersResponse(
                profile_id=str(recorded.person.profile_id),
                consent_id=str(consent_id),
                readmitted_count=count,
            )
            return response, records_of(outgoing)

        return await change_and_tell(
            self._database, self._outbox, request, pb.ReadmitIdentifiersResponse, work
        )

    def _named(self, asked: Sequence[Any]) -> list[Identifier]:
        if not 1 <= len(asked) <= MOST_READMITTED:
            raise InvalidArgument(f"name 1 to {MOST_READMITTED} identifiers", field="identifiers")
        found = []
        for n, one in enumerate(asked):
            result = normalise(one.type, one.scope, one.value, self._parse_phone)
            if isinstance(result, Refused):
                raise InvalidArgument(result.detail, field=f"identifiers/{n}")
            found.append(result)
        return found


@contextmanager
def _under(place: str) -> Iterator[None]:
    """What is wrong with a part of the call is told where callers wrote it."""
    try:
        yield
    except InvalidArgument as wrong:
        raise InvalidArgument(wrong.message, field=f"{place}/{wrong.metadata['field']}") from wrong
