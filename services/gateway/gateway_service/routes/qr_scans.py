"""Where a QR code's link leads: the scan is an event, and the visitor goes on."""

from uuid import uuid4

from chassis import logs
from chassis.clock import Clock
from chassis.errors import BrokerUnavailable
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway_service import observed
from gateway_service.forms.visits import DROPPED, VIEW, VisitBook
from gateway_service.ingest.commit import GroupCommit, QueueFull
from gateway_service.ingest.live import Live
from gateway_service.public_pages import PublicRates, only_looks_ahead
from gateway_service.qr_codes import scan
from gateway_service.qr_codes.definition import with_parameters
from gateway_service.qr_codes.scanned import Scanned, ScannedCode
from gateway_service.routes._answers import PROBLEMS

_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class Scans:
    def __init__(
        self, scanned: Scanned, commit: GroupCommit, live: Live, visits: VisitBook, clock: Clock, base: str
    ) -> None:
        self.scanned = scanned
        self._commit = commit
        self._live = live
        self._visits = visits
        self._clock = clock
        self._base = base

    async def note(self, code: ScannedCode, anonymous_id: str, trace: str) -> None:
        """Nobody who stands before a poster is kept waiting for the broker: a scan that it does not take is counted, and
        the code is carried on into the form."""
        self._visits.note(code.workspace_id, code.qr_code_id, VIEW)
        decoded = scan.record(
            code, f"scan:{anonymous_id}", self._clock.now(), trace, anonymous_id=anonymous_id
        )
        try:
            await self._commit.submit(code.workspace_id, "live", decoded.records)
        except (BrokerUnavailable, QueueFull) as error:
            self._visits.note(code.workspace_id, code.qr_code_id, DROPPED)
            logs.get().warning("scan_dropped", detail=error.message)
        else:
            self._live.note(code.workspace_id, decoded.records)

    def leads_to(self, code: ScannedCode, token: str, anonymous_id: str) -> str:
        url = code.definition.url
        if code.form_token:
            url = f"{self._base}/f/{code.form_token}?qr={token}"
        return with_parameters(url, code.definition, anonymous_id)


def router(scans: Scans, rates: PublicRates) -> APIRouter:
    routes = APIRouter(tags=["public pages"], responses=PROBLEMS)

    @routes.get("/q/{qr_token}", status_code=302, response_class=RedirectResponse)
    async def scan_qr_code(qr_token: str, request: Request) -> Response:
        """Leads on to the form or address of the code, with its `utm_…` parameters and a new anonymous id, `ajs_aid`."""
        rates.take_view(request.scope)
        code, anonymous_id = await scans.scanned.at(qr_token), str(uuid4())
        if not only_looks_ahead(request):
            await scans.note(code, anonymous_id, request.scope[observed.TRACEPARENT])
        return RedirectResponse(scans.leads_to(code, qr_token, anonymous_id), 302, headers=_HEADERS)

    @routes.head("/q/{qr_token}", include_in_schema=False)
    async def look_for_qr_code(qr_token: str, request: Request) -> Response:
        rates.take_view(request.scope)
        await scans.scanned.at(qr_token)
        return Response(headers=_HEADERS)

    return routes
