"""The job of a privacy request. Each step is written down when it is done, and may be done again: a replica that dies
between the two, or a service that is away, only delays it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import grpc
import msgspec
from chassis import metrics
from chassis.clock import Clock
from chassis.database import Database
from chassis.grpc_client import RemoteError
from waypost.common.v1 import personal_data_pb2
from waypost.profile.v1 import consent_pb2, consent_service_pb2, privacy_service_pb2

from gateway_service.jobs.runner import JobFailed, JobWaits
from gateway_service.privacy import package
from gateway_service.privacy.certificate import certificate
from gateway_service.privacy.words import SERVICES
from gateway_service.remote import Remote
from gateway_service.routes._answers import given, moment
from gateway_service.store import import_files, jobs, privacy
from gateway_service.store.import_files import PIECE, ImportFiles
from gateway_service.store.jobs import Held, HoldLost
from gateway_service.store.privacy import PrivacyRequest

KIND = "privacy"
PROFILING = "profiling"
_GONE = "the person is not known any more: another request has erased them"
_PAGE = 200
_DEADLINE_S = 20.0
_LOOKS, _LOOK_EVERY_S = 8, 0.2


class PrivacyJobs:
    """`backups_kept`: how long the operator keeps backups, which a certificate states."""

    def __init__(
        self, database: Database, files: ImportFiles, remote: Remote, clock: Clock, backups_kept: timedelta
    ) -> None:
        self._database = database
        self._files = files
        self._remote = remote
        self._clock = clock
        self._backups_kept = backups_kept

    async def run(self, held: Held) -> None:
        async with self._database.transaction(held.workspace_id) as tx:
            request = await privacy.get(tx, held.job_id)
        if request is None:
            raise HoldLost
        if request.profile_id is None and request.begun is None:
            raise JobFailed(_GONE)
        try:
            if request.kind == "erase":
                await self._erase(held, request)
            elif request.kind == "restrict_profiling":
                await self._restrict(held, request)
            else:
                await self._collect(held, request)
        except RemoteError as error:
            if error.code == grpc.StatusCode.NOT_FOUND:
                await self._write(held, lambda tx: privacy.forget(tx, request.request_id))
                raise JobFailed(_GONE) from error
            raise

    async def _erase(self, held: Held, request: PrivacyRequest) -> None:
        if request.identity_ids is None:
            identity_ids = await self._identities(held, request)
            await self._write(held, lambda tx: privacy.name_identities(tx, request.request_id, identity_ids))
        if request.begun is None:
            asked = privacy_service_pb2.ErasePersonRequest(
                profile_id=str(request.profile_id), erasure_id=str(request.request_id)
            )
            answer = await self._call(held, request, "profile", "ErasePerson", asked)
            begun = {
                "erased_at": given(answer, "erase_time").isoformat(),
                "identities": answer.identity_count,
                "held_back": answer.held_back_count,
            }
            await self._write(held, lambda tx: privacy.begin(tx, request.request_id, begun))
        request = await self._received_all(held)
        found = certificate(request, self._clock.now(), self._backups_kept)
        await self._write(held, lambda tx: privacy.certify(tx, request.request_id, found))

    async def _received_all(self, held: Held) -> PrivacyRequest:
        """With a receipt of every service. Mostly they have heard of it by now, and need a moment."""
        for _ in range(_LOOKS):
            request = await self._again(held)
            waiting = [name for name in SERVICES if name not in request.receipts]
            missing = [name for name in waiting if not await self._finished(held, request, name)]
            await self._progress(held, 1 - len(missing) / len(SERVICES))
            if not missing:
                return await self._again(held)
            await asyncio.sleep(_LOOK_EVERY_S)
        raise JobWaits(f"not done yet: {', '.join(missing)}")

    async def _finished(self, held: Held, request: PrivacyRequest, service: str) -> bool:
        asked = personal_data_pb2.FinishErasureRequest(
            erasure_id=str(request.request_id), identity_count=(request.begun or {})["identities"]
        )
        answer = await self._call(held, request, service, "FinishErasure", asked)
        at = moment(answer, "finish_time")
        if at is None:
            return False
        receipt = {
            "finished_at": at.isoformat(),
            "rows": {e.section: e.rows for e in answer.erased if e.rows},
        }
        await self._write(held, lambda tx: privacy.receive(tx, request.request_id, service, receipt))
        return True

    async def _restrict(self, held: Held, request: PrivacyRequest) -> None:
        asked = consent_service_pb2.RecordConsentRequest(
            profile_id=str(request.profile_id),
            scope=consent_pb2.ConsentScope(purpose=PROFILING),
            state=consent_pb2.CONSENT_STATE_WITHDRAWN,
            source="privacy_request",
            request_id=str(request.request_id),
        )
        answer = await self._call(held, request, "profile", "RecordConsent", asked)
        receipt = {"finished_at": given(answer, "record_time").isoformat(), "rows": {"consents": 1}}
        await self._write(held, lambda tx: privacy.receive(tx, request.request_id, "profile", receipt))

    async def _collect(self, held: Held, request: PrivacyRequest) -> None:
        """From the beginning, however far another came."""
        await self._write(held, lambda tx: import_files.remove(tx, request.request_id))
        identity_ids = [str(i) for i in await self._identities(held, request)]
        sections: dict[tuple[str, str], dict[str, Any]] = {}
        buffer, number = bytearray(), 0
        for done, service in enumerate(SERVICES):
            rows = 0
            async for one in self._rows(held, request, service, identity_ids):
                place = {"service": service, "section": one.section, "rows": 0, "columns": []}
                section = sections.setdefault((service, one.section), place)
                section["rows"] += 1
                rows += 1
                names = msgspec.json.decode(one.row_json, type=dict[str, msgspec.Raw])
                section["columns"] += [name for name in names if name not in section["columns"]]
                buffer += package.encoded(service, one.section, one.row_json)
                while len(buffer) >= PIECE:
                    await self._piece(held, request, number, bytes(buffer[:PIECE]))
                    number, buffer = number + 1, buffer[PIECE:]
            receipt = {"finished_at": self._clock.now().isoformat(), "rows": {"rows": rows}}
            await self._received(held, request, service, receipt, (done + 1) / len(SERVICES))
        if buffer:
            await self._piece(held, request, number, bytes(buffer))
        await self._write(held, lambda tx: privacy.describe(tx, request.request_id, list(sections.values())))

    async def _rows(
        self, held: Held, request: PrivacyRequest, service: str, identity_ids: list[str]
    ) -> AsyncIterator[Any]:
        token = ""
        while True:
            asked = personal_data_pb2.ListPersonalDataRequest(
                identity_ids=identity_ids, page_size=_PAGE, page_token=token
            )
            answer = await self._call(held, request, service, "ListPersonalData", asked)
            for row in answer.rows:
                yield row
            metrics.beat("jobs")
            await self._hold(held)
            token = answer.next_page_token
            if not token:
                return

    async def _identities(self, held: Held, request: PrivacyRequest) -> list[UUID]:
        asked = privacy_service_pb2.ListIdentitiesRequest(profile_id=str(request.profile_id))
        answer = await self._call(held, request, "profile", "ListIdentities", asked)
        return [UUID(i) for i in answer.identity_ids]

    async def _call(self, held: Held, request: PrivacyRequest, service: str, method: str, asked: Any) -> Any:
        await self._hold(held)
        return await self._remote.call_for(
            service,
            method,
            asked,
            held.workspace_id,
            actor=request.requested_by,
            deadline_s=_DEADLINE_S,
        )

    async def _again(self, held: Held) -> PrivacyRequest:
        async with self._database.transaction(held.workspace_id) as tx:
            request = await privacy.get(tx, held.job_id)
        if request is None:
            raise HoldLost
        return request

    async def _piece(self, held: Held, request: PrivacyRequest, number: int, piece: bytes) -> None:
        await self._files.add(held.workspace_id, request.request_id, number, piece, self._clock.now())

    async def _received(
        self, held: Held, request: PrivacyRequest, service: str, receipt: dict[str, Any], share: float
    ) -> None:
        await self._write(held, lambda tx: privacy.receive(tx, request.request_id, service, receipt))
        await self._progress(held, share)

    async def _progress(self, held: Held, share: float) -> None:
        await self._write(held, lambda tx: jobs.advance(tx, held, share, {}, self._clock.now()))

    async def _hold(self, held: Held) -> None:
        async with self._database.transaction(held.workspace_id) as tx:
            await jobs.hold(tx, held, self._clock.now())

    async def _write(self, held: Held, write: Any) -> None:
        async with self._database.transaction(held.workspace_id) as tx:
            await jobs.hold(tx, held, self._clock.now())
            await write(tx)
