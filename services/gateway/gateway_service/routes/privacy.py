"""What people ask about their data: to see it, to take it along, to be forgotten, not to be profiled."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import msgspec
from chassis.clock import Clock
from chassis.database import Database
from chassis.grpc_client import RemoteError
from chassis.paging import Pages
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from grpc import StatusCode
from pydantic import BaseModel, ConfigDict, Field, model_validator
from waypost.profile.v1 import consent_pb2, ingest_pb2, privacy_service_pb2
from waypost.profile.v1 import profile_service_pb2 as profile_pb

from gateway_service.audit import AuditTrail
from gateway_service.auth import needs
from gateway_service.privacy import package
from gateway_service.privacy.jobs import KIND
from gateway_service.problems import FieldError, Problem
from gateway_service.remote import Remote, key_reused, mutation_id
from gateway_service.roles import PERSONAL_READ
from gateway_service.routes._answers import (
    PROBLEMS,
    JsonObject,
    Moment,
    Page,
    PageSize,
    PageToken,
    json_bytes,
)
from gateway_service.routes._people import PERSONAL, key_of
from gateway_service.routes.jobs import id_of
from gateway_service.store import jobs as job_rows
from gateway_service.store import privacy
from gateway_service.store.import_files import ImportFiles
from gateway_service.store.jobs import Job, JobStore
from gateway_service.store.keys import Credential
from gateway_service.store.privacy import PrivacyRequest

Reader = Annotated[Credential, Depends(needs("privacy:read"))]
Writer = Annotated[Credential, Depends(needs("privacy:write"))]
Kind = Literal["access", "export", "erase", "restrict_profiling"]
WITH_FILE = ("access", "export")
_NOBODY = (
    "no person has this id or identifier: find them with POST /v1/profiles:lookup, and name their profile_id"
)
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "All that is held of the person, in full",
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "application/zip": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NamedIdentifier(Strict):
    type: str = Field(min_length=1, max_length=64)
    value: str = Field(min_length=1, max_length=512)
    scope: str = Field(default="", max_length=512)


class NewRequest(Strict):
    kind: Kind
    profile: str = Field(default="", max_length=1200)
    """A profile id, `type:value` or `type@scope:value`; or leave it out and say `identifier`."""
    identifier: NamedIdentifier | None = None
    """Also a phone number or an e-mail address."""
    reference: str = Field(default="", max_length=200)
    """Under which you keep the request; it stays when the person is erased, so name nobody in it."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if bool(self.profile) == bool(self.identifier):
            raise ValueError("say either profile or identifier")
        return self

    @property
    def at(self) -> str:
        return "/profile" if self.identifier is None else "/identifier"

    def key(self) -> profile_pb.GetProfileRequest:
        if self.identifier is None:
            kind = self.profile.partition(":")[0]
            if kind.lower() in PERSONAL:
                field = FieldError(pointer="/profile", reason="personal_data")
                detail = f'say "identifier": {{"type": "{kind}", "value": …}} instead of profile'
                raise Problem(400, "FIELD_INVALID", detail, errors=[field])
            return key_of(self.profile, "/profile")
        named = profile_pb.IdentifierKey(
            type=self.identifier.type, scope=self.identifier.scope, value=self.identifier.value
        )
        return profile_pb.GetProfileRequest(identifier=named)


class Receipt(BaseModel):
    service: str
    finished_at: Moment
    rows: dict[str, int]
    """By section: rows removed, or written to the file."""


class Ageing(BaseModel):
    what: str
    label_en: str
    label_zh: str
    gone_by: Moment


class Kept(BaseModel):
    what: str
    label_en: str
    label_zh: str


class Certificate(BaseModel):
    erased_at: Moment
    """Since then nobody sees or reaches the person."""
    completed_at: Moment
    """When every service had shown that nothing is left."""
    identities: int
    identifiers_held_back: int
    kept: list[Kept]
    ages_out: list[Ageing]


class PrivacyAnswer(BaseModel):
    request_id: str
    """Also the id of its job."""
    kind: Kind
    state: Literal["waiting", "queued", "running", "done", "failed", "cancelled"]
    progress: float
    failure: str
    profile_id: str | None
    """Null once the person is erased."""
    reference: str
    requested_by: str
    created_at: Moment
    finished_at: Moment | None
    receipts: list[Receipt]
    file_url: str | None
    """Of a request for data that is done: JSON, or CSV with `?format=csv`; kept for 7 days."""
    certificate: Certificate | None

    @classmethod
    def of(cls, request: PrivacyRequest, job: Job) -> Self:
        has_file = request.kind in WITH_FILE and job.state == "done" and request.profile_id is not None
        return cls(
            request_id=str(request.request_id),
            kind=request.kind,
            state=job.state,
            progress=round(job.progress, 4),
            failure=job.failure,
            profile_id=str(request.profile_id) if request.profile_id else None,
            reference=request.reference,
            requested_by=request.requested_by,
            created_at=request.created_at,
            finished_at=job.finished_at,
            receipts=[Receipt(service=name, **dict(r)) for name, r in sorted(request.receipts.items())],
            file_url=f"/v1/privacy/requests/{request.request_id}/file" if has_file else None,
            certificate=Certificate.model_validate(request.certificate) if request.certificate else None,
        )


class NewConsent(Strict):
    channel: str = Field(default="", max_length=64)
    purpose: str = Field(min_length=1, max_length=64)
    topic: str = Field(default="", max_length=512)
    org_unit: str = Field(default="", max_length=512)
    legal_basis: str = Field(min_length=1, max_length=64)
    text_version: str = Field(default="", max_length=512)
    source: str = Field(default="", max_length=512)
    proof: JsonObject | None = None


class Readmission(Strict):
    identifiers: list[NamedIdentifier] = Field(min_length=1, max_length=20)
    """Of one person."""
    consent: NewConsent
    """What they have agreed to since; it is granted."""


class Readmitted(BaseModel):
    profile_id: str
    consent_id: str
    readmitted: int
    """Identifiers that had been held back."""


def router(
    remote: Remote,
    database: Database,
    store: JobStore,
    files: ImportFiles,
    pages: Pages,
    clock: Clock,
    wake: Any,
) -> APIRouter:
    routes = APIRouter(prefix="/v1/privacy", tags=["privacy"], responses=PROBLEMS)

    @routes.post("/requests", status_code=202)
    async def request_privacy(body: NewRequest, request: Request, credential: Writer) -> PrivacyAnswer:
        """A job: look at it here or under /v1/jobs. An erasure cannot be taken back."""
        request_id = UUID(mutation_id(request, credential))
        found = await _found(credential.workspace_id, request_id)
        if found is not None:
            same = (found.kind, found.reference) == (body.kind, body.reference)
            if not same or not await about_them(found, body, credential):
                raise key_reused()
            return await _answer(credential, request_id)
        person = await person_of(body.key(), credential)
        if person is None:
            raise Problem(404, "NOT_FOUND", _NOBODY, errors=[FieldError(pointer=body.at, reason="unknown")])
        now = clock.now()
        asked = PrivacyRequest(
            request_id, body.kind, UUID(person), None, body.reference, credential.name, now,
            None, {}, [], None,
        )  # fmt: skip
        async with database.transaction(credential.workspace_id) as tx:
            if await privacy.add(tx, asked):
                await job_rows.add(tx, request_id, KIND, body.kind, now)
                job = await job_rows.lock(tx, request_id)
                if job is not None:
                    await job_rows.enqueue(tx, job, now, fresh=True)
        wake()
        return await _answer(credential, request_id)

    async def about_them(found: PrivacyRequest, body: NewRequest, credential: Credential) -> bool:
        """Whether a request that came before names the same person. Whoever was erased is found by no name."""
        asked = await person_of(body.key(), credential)
        if found.profile_id is None:
            return asked is None
        known = profile_pb.GetProfileRequest(profile_id=str(found.profile_id))
        return asked == await person_of(known, credential)

    async def person_of(key: profile_pb.GetProfileRequest, credential: Credential) -> str | None:
        try:
            answer = await remote.call("profile", "GetProfile", key, credential)
        except RemoteError as refusal:
            if refusal.code == StatusCode.NOT_FOUND:
                return None
            raise
        profile_id: str = answer.profile.profile_id
        return profile_id

    @routes.get("/requests")
    async def list_privacy_requests(
        credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[PrivacyAnswer]:
        """Newest first."""
        place = ("privacy", str(credential.workspace_id))
        position = pages.position(page_token, *place)
        before = None if position is None else msgspec.convert(position, tuple[datetime, UUID])
        most = pages.size(page_size, 50, 200)
        found = await store.page(credential.workspace_id, KIND, before, most + 1)
        shown = found[:most]
        async with database.transaction(credential.workspace_id) as tx:
            requests = await privacy.several(tx, [job.job_id for job in shown])
        last = shown[-1] if len(found) > most else None
        return Page[PrivacyAnswer](
            items=[PrivacyAnswer.of(requests[job.job_id], job) for job in shown],
            next_page_token=pages.token((last.created_at, last.job_id), *place) if last else "",
        )

    @routes.get("/requests/{request_id}")
    async def get_privacy_request(request_id: str, credential: Reader) -> PrivacyAnswer:
        return await _answer(credential, id_of(request_id, "privacy request"))

    @routes.get("/requests/{request_id}/file", response_class=Response, responses=_FILE)
    async def get_privacy_file(
        request: Request, request_id: str, credential: Reader, format: Literal["json", "csv"] = "json"
    ) -> Response:
        """Needs the scope personal:read, and is audited."""
        id_ = id_of(request_id, "privacy request")
        found = await _found(credential.workspace_id, id_)
        job = await store.get(credential.workspace_id, id_)
        if found is None or job is None or found.kind not in WITH_FILE:
            raise Problem(404, "NOT_FOUND", "there is no file of that request")
        if job.state != "done":
            raise Problem(
                409, "STATE_CONFLICT", f"the request is {job.state}: the file is there when it is done"
            )
        if not credential.allows(PERSONAL_READ):
            raise Problem(
                403, "SCOPE_MISSING", f"the scope {PERSONAL_READ} is needed, and you do not have it"
            )
        if found.profile_id is None or await files.piece(credential.workspace_id, id_, 0) is None:
            raise Problem(404, "NOT_FOUND", "the file is not kept any more; make a new request")
        trail: AuditTrail = request.app.state.audit
        await trail.read(request, credential)
        rows = package.lines(files.pieces(credential.workspace_id, id_))
        stream: AsyncIterator[bytes]
        if format == "json":
            about = package.about(found.kind, found.reference, found.created_at.isoformat())
            stream, media, ending = package.as_json(about, rows), "application/json", "json"
        else:
            stream, media, ending = package.as_zip(found.sections, rows), "application/zip", "zip"
        disposition = f'attachment; filename="{found.kind}-{id_}.{ending}"'
        return StreamingResponse(stream, media_type=media, headers={"Content-Disposition": disposition})

    @routes.post("/readmissions", status_code=201)
    async def readmit(body: Readmission, request: Request, credential: Writer) -> Readmitted:
        """Somebody who was erased begins anew. What happened before stays gone, and is still not taken in."""
        consent = body.consent
        message = privacy_service_pb2.ReadmitIdentifiersRequest(
            identifiers=[
                ingest_pb2.Identifier(type=one.type, scope=one.scope, value=one.value)
                for one in body.identifiers
            ],
            scope=consent_pb2.ConsentScope(
                channel=consent.channel,
                purpose=consent.purpose,
                topic=consent.topic,
                org_unit_id=consent.org_unit,
            ),
            legal_basis=consent.legal_basis,
            text_version=consent.text_version,
            source=consent.source,
            proof_json=b"" if consent.proof is None else json_bytes(consent.proof),
            request_id=mutation_id(request, credential),
        )
        answer = await remote.call("profile", "ReadmitIdentifiers", message, credential)
        return Readmitted(
            profile_id=answer.profile_id, consent_id=answer.consent_id, readmitted=answer.readmitted_count
        )

    async def _found(workspace_id: UUID, request_id: UUID) -> PrivacyRequest | None:
        async with database.transaction(workspace_id) as tx:
            return await privacy.get(tx, request_id)

    async def _answer(credential: Credential, request_id: UUID) -> PrivacyAnswer:
        found = await _found(credential.workspace_id, request_id)
        job = await store.get(credential.workspace_id, request_id)
        if found is None or job is None:
            raise Problem(404, "NOT_FOUND", "there is no privacy request of that id")
        return PrivacyAnswer.of(found, job)

    return routes
