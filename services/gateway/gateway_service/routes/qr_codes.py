"""QR codes: made, drawn, counted; scans that a channel tells of. Links that are scanned come in at qr_scans.py."""

from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from chassis.clock import Clock
from chassis.database import Database, Tx
from chassis.paging import Pages
from fastapi import APIRouter, Depends, Query, Request, Response

from gateway_service import observed
from gateway_service.auth import needs
from gateway_service.ingest.commit import GroupCommit
from gateway_service.ingest.live import Live
from gateway_service.problems import FieldError, Problem
from gateway_service.qr_codes import image, scan
from gateway_service.qr_codes.definition import QrDefinition
from gateway_service.qr_codes.scanned import ScannedCode
from gateway_service.remote import key_reused, mutation_id
from gateway_service.routes import _etags
from gateway_service.routes._answers import PROBLEMS, Page, PageSize, PageToken
from gateway_service.routes._etags import CHANGED_MEANWHILE, IfMatch
from gateway_service.routes._form_answers import Days, Deleted
from gateway_service.routes._qr_answers import QrCode, QrStatistics, QrWriting, Scan, ScanTaken, address
from gateway_service.store import forms, page_counts, submissions
from gateway_service.store import qr_codes as store
from gateway_service.store.keys import Credential
from gateway_service.store.public_links import new_token
from gateway_service.store.qr_codes import SceneTaken, StoredCode

Reader = Annotated[Credential, Depends(needs("forms:read"))]
Writer = Annotated[Credential, Depends(needs("forms:write"))]
_OF_WECHAT = "qrscene_"
"""What an official account puts before the scene when the scan made somebody a follower."""


def router(
    database: Database, commit: GroupCommit, live: Live, pages: Pages, clock: Clock, base: str
) -> APIRouter:
    routes = APIRouter(prefix="/v1/qr-codes", tags=["qr codes"], responses=PROBLEMS)
    _add_reads(routes, database, pages, clock, base)
    _add_changes(routes, database, clock, base)
    _add_image(routes, database, base, "svg")
    _add_image(routes, database, base, "png")

    @routes.post(":scanned")
    async def note_scan(body: Scan, request: Request, credential: Writer) -> ScanTaken:
        """What a channel's callback tells: who scanned which scene. It becomes an event with the code's parameters."""
        async with database.transaction(credential.workspace_id) as tx:
            stored = await store.of_scene(tx, body.scene.removeprefix(_OF_WECHAT))
        if stored is None:
            errors = [FieldError(pointer="/scene", reason="unknown_value")]
            raise Problem(404, "NOT_FOUND", "no QR code has that scene", errors=errors)
        definition = QrDefinition.model_validate(stored.definition)
        code = ScannedCode(credential.workspace_id, stored.qr_code_id, stored.name, definition, "")
        decoded = scan.record(
            code,
            f"scan:{body.message_id}",
            clock.now(),
            request.scope[observed.TRACEPARENT],
            identifiers=[one.model_dump() for one in body.identifiers],
            at=body.scanned_at,
        )
        if decoded.rejected:
            raise Problem(400, "FIELD_INVALID", decoded.rejected[0].detail)
        await commit.submit(credential.workspace_id, "live", decoded.records)
        live.note(credential.workspace_id, decoded.records)
        return ScanTaken(qr_code_id=str(code.qr_code_id), parameters=dict(code.parameters))

    return routes


def _add_reads(routes: APIRouter, database: Database, pages: Pages, clock: Clock, base: str) -> None:
    @routes.get("")
    async def list_qr_codes(
        credential: Reader, page_size: PageSize = 0, page_token: PageToken = ""
    ) -> Page[QrCode]:
        """Newest first."""
        size = pages.size(page_size, 50, 200)
        bound = ("qr-codes", str(credential.workspace_id))
        after = pages.position(page_token, *bound)
        async with database.transaction(credential.workspace_id) as tx:
            found = await store.page(tx, size + 1, UUID(after) if after else None)
        token = pages.token(str(found[size - 1].qr_code_id), *bound) if len(found) > size else ""
        return Page[QrCode](items=[QrCode.of(one, base) for one in found[:size]], next_page_token=token)

    @routes.get("/{qr_code_id}")
    async def get_qr_code(qr_code_id: str, credential: Reader) -> QrCode:
        async with database.transaction(credential.workspace_id) as tx:
            return QrCode.of(await _get(tx, qr_code_id), base)

    @routes.get("/{qr_code_id}/statistics")
    async def get_qr_code_statistics(qr_code_id: str, credential: Reader, days: Days = 30) -> QrStatistics:
        """Scans are counted a second late."""
        since = clock.now().date() - timedelta(days=days - 1)
        async with database.transaction(credential.workspace_id) as tx:
            code = await _get(tx, qr_code_id)
            scans = await page_counts.of(tx, code.qr_code_id, since)
            taken = await submissions.of_qr_code(tx, code.qr_code_id, since)
        return QrStatistics.of(scans, taken)


def _add_changes(routes: APIRouter, database: Database, clock: Clock, base: str) -> None:
    @routes.post("", status_code=201)
    async def create_qr_code(body: QrWriting, request: Request, credential: Writer) -> QrCode:
        qr_code_id, now = UUID(mutation_id(request, credential)), clock.now()
        wanted = StoredCode(qr_code_id, new_token(), body.name, 1, _stored(body), now, now)
        try:
            async with database.transaction(credential.workspace_id) as tx:
                await _check_form(tx, body.definition)
                made = await store.add(tx, wanted)
        except SceneTaken as error:
            raise _scene_taken() from error
        if made.revision == 1 and (made.name, made.definition) != (wanted.name, wanted.definition):
            raise key_reused()
        return QrCode.of(made, base)

    @routes.put("/{qr_code_id}", responses=CHANGED_MEANWHILE)
    async def replace_qr_code(
        qr_code_id: str, body: QrWriting, credential: Writer, if_match: IfMatch = ""
    ) -> QrCode:
        """The image stays as it is: what is printed leads to the new place."""
        try:
            async with database.transaction(credential.workspace_id) as tx:
                code = await _get(tx, qr_code_id, lock=True)
                _etags.check(if_match, code.revision)
                await _check_form(tx, body.definition)
                changed = await store.replace(tx, code.qr_code_id, body.name, _stored(body), clock.now())
        except SceneTaken as error:
            raise _scene_taken() from error
        return QrCode.of(changed, base)

    @routes.delete("/{qr_code_id}", responses=CHANGED_MEANWHILE)
    async def delete_qr_code(qr_code_id: str, credential: Writer, if_match: IfMatch = "") -> Deleted:
        """What is printed leads nowhere from then on."""
        async with database.transaction(credential.workspace_id) as tx:
            code = await _get(tx, qr_code_id, lock=True)
            _etags.check(if_match, code.revision)
            await store.remove(tx, code.qr_code_id)
        return Deleted()


def _add_image(routes: APIRouter, database: Database, base: str, kind: Literal["svg", "png"]) -> None:
    async def draw(
        qr_code_id: str,
        credential: Reader,
        scale: Annotated[int, Query(ge=1, le=image.MOST_SCALE, description="Pixels a module")] = 10,
        margin: Annotated[int, Query(ge=0, le=image.MOST_MARGIN, description="Modules")] = 4,
        correction: Annotated[image.Correction, Query(description="From 7 % (L) to 30 % (H)")] = "M",
    ) -> Response:
        """The link as an image; a standard wants a margin of 4."""
        async with database.transaction(credential.workspace_id) as tx:
            code = await _get(tx, qr_code_id)
        if code.definition["kind"] != "link":
            raise Problem(409, "STATE_CONFLICT", "the channel makes the image of this code")
        drawn = image.draw(address(code, base), kind, scale, margin, correction)
        return Response(drawn, media_type=image.TYPES[kind])

    routes.add_api_route(
        f"/{{qr_code_id}}/image.{kind}",
        draw,
        methods=["GET"],
        name=f"draw_qr_code_{kind}",
        response_class=Response,
        responses={200: {"content": {image.TYPES[kind]: {"schema": {"type": "string", "format": "binary"}}}}},
    )


def _stored(body: QrWriting) -> dict[str, Any]:
    return body.definition.model_dump(mode="json")


def _scene_taken() -> Problem:
    errors = [FieldError(pointer="/definition/scene", reason="taken")]
    return Problem(409, "NAME_TAKEN", "another QR code has that scene", errors=errors)


async def _check_form(tx: Tx, definition: QrDefinition) -> None:
    if definition.form_id:
        try:
            known = await forms.get(tx, UUID(definition.form_id))
        except ValueError:
            known = None
        if known is None:
            errors = [FieldError(pointer="/definition/form_id", reason="unknown_value")]
            raise Problem(400, "FIELD_INVALID", "no form has that id", errors=errors)


async def _get(tx: Tx, qr_code_id: str, *, lock: bool = False) -> StoredCode:
    try:
        found = await store.get(tx, UUID(qr_code_id), lock=lock)
    except ValueError:
        found = None
    if found is None:
        raise Problem(404, "NOT_FOUND", "no QR code has that id")
    return found
