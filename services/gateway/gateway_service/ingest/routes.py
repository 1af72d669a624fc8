"""The Segment-compatible calls: read, check, decode, commit, answer. Posts are taken before the framework sees them
(its routing costs more than a lone event's whole way); FastAPI describes them and answers what is not a post."""

import random
from collections import Counter
from http import HTTPStatus
from typing import Any, Literal

import orjson
from chassis import tracing
from chassis.bus import LANES, Lane
from chassis.clock import Clock
from chassis.errors import ServiceError
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway_service import admission, auth, metrics, observed, problems
from gateway_service.admission import Admission
from gateway_service.ingest import body as bodies
from gateway_service.ingest.body import MAX_BATCH, MAX_BODY, Body
from gateway_service.ingest.commit import STREAM, GroupCommit
from gateway_service.ingest.decode import TURN, Call, decode, decode_in_turns
from gateway_service.ingest.issue_book import IssueBook
from gateway_service.ingest.large import LargeBodies, Visit
from gateway_service.ingest.live import Live
from gateway_service.ingest.reasons import BodyRefused, Reason
from gateway_service.ingest.rejected import rejected_events
from gateway_service.problems import IngestProblem, Problem, answer_of
from gateway_service.store.keys import Credential

_ACCEPTED: dict[Lane, Any] = {lane: metrics.ACCEPTED.labels(lane) for lane in LANES}
RETRY_AFTER_S = (5, 10)
"""Seconds after which callers come back from an outage, each at a moment of its own. SDKs of Segment and RudderStack
for Node give up after so many tries, not after a time: a second between them would lose events to any restart."""
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": f"Retry-After, {admission.HEADERS}",
}
_PREFLIGHT = {**_CORS, "Access-Control-Allow-Methods": "POST, OPTIONS", "Access-Control-Max-Age": "86400"}
_HEADERS = "authorization, content-type, content-encoding, traceparent, x-waypost-lane"
_KINDS = ("identify", "track", "page", "screen", "group", "alias")
_SHORT = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias", "b": "batch"}
"""The paths that browser SDKs use."""


PATHS = {f"/v1/{path}": kind for path, kind in {**{k: k for k in (*_KINDS, "batch")}, **_SHORT}.items()}
# Where RudderStack's browser SDK sends beacons, which carry no headers: their write key stands in the query.
PATHS["/beacon/v1/batch"] = "batch"


class RejectedEvent(BaseModel):
    index: int
    reason: Reason
    detail: str


class IngestAnswer(BaseModel):
    """Sent after the broker has every accepted event on disk."""

    success: Literal[True] = True
    accepted: int
    rejected: list[RejectedEvent]


class Ingestion:
    def __init__(
        self, keys: Admission, commit: GroupCommit, issues: IssueBook, live: Live, clock: Clock
    ) -> None:
        self._keys = keys
        self._commit = commit
        self._issues = issues
        self._live = live
        self._clock = clock
        self._large = LargeBodies()

    async def take(self, request: Request, kind: str) -> Response:
        """One call of any kind; `kind` is "batch" or the event's type."""
        try:
            answer = await self._take(request, kind)
        except Problem as problem:
            answer = _refusal(request, problem)
        except ServiceError as error:
            answer = _refusal(request, problems.of_service_error(error))
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 - the edge: the framework's handlers are not around this
            answer = _refusal(request, problems.of_fault(request, error))
        answer.headers.update(_CORS)
        return answer

    async def _take(self, request: Request, kind: str) -> Response:
        with self._large.visit() as visit:
            return await self._store(request, kind, visit)

    async def _store(self, request: Request, kind: str, visit: Visit) -> Response:
        accepted = self._clock.now()
        header = request.headers.get("authorization")
        credential = await self._credential(auth.write_key_of(header)) if header else None
        try:
            body = await self._read(request, kind, visit)
            lane = _lane(request, body)
        except BodyRefused as refused:
            metrics.REJECTED.labels(refused.reason.value).inc()
            if credential:
                self._issues.note_body(
                    credential.workspace_id, accepted, refused.reason, refused.detail, f"/v1/{kind}"
                )
            raise Problem(refused.status, refused.reason.value, refused.detail) from refused
        credential = credential or await self._credential(
            body.write_key or request.query_params.get("writeKey")
        )
        self._keys.take_events(len(body.events))
        call = Call(
            accepted,
            lane,
            request.scope[observed.TRACEPARENT],
            credential.name,
            None if kind == "batch" else kind,
            credential.org_units,
        )
        few = len(body.events) <= TURN
        decoded = decode(body, call) if few else await decode_in_turns(body, call)
        if decoded.rejected:
            self._issues.note(credential.workspace_id, accepted, decoded.rejected, f"/v1/{kind}")
            kept = rejected_events(body, call, decoded.rejected)
            self._issues.keep(credential.workspace_id, f"/v1/{kind}", kept)
            for reason, count in Counter(one.reason.value for one in decoded.rejected).items():
                metrics.REJECTED.labels(reason).inc(count)
        with tracing.inner(f"send {STREAM}"):
            await self._commit.submit(credential.workspace_id, lane, decoded.records)
        _ACCEPTED[lane].inc(len(decoded.records))
        self._live.note(credential.workspace_id, decoded.records)
        return Response(
            orjson.dumps(
                {
                    "success": True,
                    "accepted": len(decoded.records),
                    "rejected": [
                        {"index": r.index, "reason": r.reason, "detail": r.detail} for r in decoded.rejected
                    ],
                }
            ),
            media_type="application/json",
        )

    async def _credential(self, key: str | None) -> Credential:
        credential = await self._keys.find(key) if key else None
        if credential is None or credential.kind != "write":
            raise auth.unauthenticated(
                "send a valid write key: Basic credentials `KEY:` or writeKey in the body", "Basic"
            )
        return credential

    async def _read(self, request: Request, kind: str, visit: Visit) -> Body:
        most = MAX_BATCH if kind == "batch" else MAX_BODY
        received = bytearray()
        async for chunk in request.stream():
            received += chunk
            if len(received) > most:
                raise bodies.too_large(most)
            visit.holds(len(received))
        encoding = request.headers.get("content-encoding", "").strip().lower()
        plain = bodies.inflate(bytes(received), encoding, most)
        visit.holds(len(plain))
        return bodies.read_batch(plain) if kind == "batch" else bodies.read_single(plain)


def _refusal(request: Request, problem: Problem) -> Response:
    if problem.status == 503:
        problem.headers["Retry-After"] = str(random.randint(*RETRY_AFTER_S))
    return problems.render(request, problem, code=problem.reason, message=problem.detail)


class FastLane:
    """ASGI in front of the application: takes ingestion posts, passes on everything else."""

    def __init__(self, ingestion: Ingestion, application: ASGIApp) -> None:
        self._ingestion = ingestion
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = PATHS.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if kind is None:
            await self._application(scope, receive, send)
            return
        try:
            answer = await self._ingestion.take(Request(scope, receive), kind)
        except ClientDisconnect:
            return  # nobody is left to answer
        await answer(scope, receive, send)


def _lane(request: Request, body: Body) -> Lane:
    header = request.headers.get("x-waypost-lane")
    if header is not None:
        return bodies.lane_of(header.strip().lower())
    return body.lane or "live"


def router(ingestion: Ingestion) -> APIRouter:
    routes = APIRouter(tags=["ingestion"])
    for path, kind in PATHS.items():
        _add(routes, ingestion, path, kind, documented=path == f"/v1/{kind}")
    return routes


def _add(routes: APIRouter, ingestion: Ingestion, path: str, kind: str, documented: bool) -> None:
    async def take(request: Request) -> Response:
        return await ingestion.take(request, kind)

    async def preflight(request: Request) -> Response:
        # Browser SDKs bring headers of their own (RudderStack's AnonymousId, Segment's X-Retry-Count); nobody's
        # cookies are at stake, so what a page asks for is granted.
        wanted = request.headers.get("access-control-request-headers", _HEADERS)
        return Response(status_code=204, headers={**_PREFLIGHT, "Access-Control-Allow-Headers": wanted})

    routes.add_api_route(
        path,
        take,
        methods=["POST"],
        operation_id=f"ingest_{kind}",
        summary=f"Segment's {kind} call",
        response_model=IngestAnswer,
        responses={
            status: answer_of(HTTPStatus(status).phrase, IngestProblem)
            for status in (400, 401, 413, 429, 503)
        },
        openapi_extra=_BATCH_BODY if kind == "batch" else _EVENT_BODY,
        include_in_schema=documented,
    )
    routes.add_api_route(path, preflight, methods=["OPTIONS"], include_in_schema=False)


_EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "userId": {"type": "string"},
        "anonymousId": {"type": "string"},
        "event": {"type": "string"},
        "properties": {"type": "object"},
        "traits": {"type": "object"},
        "context": {"type": "object"},
        "timestamp": {"type": "string", "format": "date-time"},
        "messageId": {"type": "string"},
    },
}


def _json_body(schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "security": [{"write_key": []}],
    }


_EVENT_BODY = _json_body(_EVENT_SCHEMA)
_BATCH_BODY = _json_body(
    {
        "type": "object",
        "required": ["batch"],
        "properties": {
            "batch": {"type": "array", "items": _EVENT_SCHEMA},
            "sentAt": {"type": "string", "format": "date-time"},
            "lane": {"enum": ["live", "bulk"]},
        },
    }
)
