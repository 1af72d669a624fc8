"""Every error leaves as RFC 9457 problem+json; the one place that turns reasons into statuses."""

from collections.abc import Mapping, Sequence
from typing import Any

import grpc
import orjson
from chassis import logs
from chassis.errors import ServiceError
from chassis.grpc_client import RemoteError
from chassis.ids import new_id
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from gateway_service import words

Code = grpc.StatusCode
STATUS = {
    Code.INVALID_ARGUMENT: 400,
    Code.OUT_OF_RANGE: 400,
    Code.NOT_FOUND: 404,
    Code.ALREADY_EXISTS: 409,
    Code.ABORTED: 409,
    Code.FAILED_PRECONDITION: 409,
    Code.PERMISSION_DENIED: 403,
    Code.RESOURCE_EXHAUSTED: 429,
    Code.UNIMPLEMENTED: 501,
    Code.UNAVAILABLE: 503,
    Code.CANCELLED: 503,
    Code.DEADLINE_EXCEEDED: 504,
}
RETRY_AFTER_S = 1
MEDIA_TYPE = "application/problem+json"
_FAULT = "a fault of ours; our log has it under the request id"
_FRAMEWORK = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "BODY_TOO_LARGE"}


class FieldError(BaseModel):
    pointer: str
    """JSON pointer into the body, or `#` and the name of a parameter."""
    reason: str
    detail: str = ""


class ProblemBody(BaseModel):
    """RFC 9457, with a reason from a closed list and the id under which our log has the request."""

    type: str
    title: str
    status: int
    detail: str
    reason: str
    errors: list[FieldError] = []
    request_id: str


class IngestProblem(ProblemBody):
    """Also with what Segment's own API answers: an SDK that misses `code` cannot read the status, and sends again."""

    code: str
    message: str


def answer_of(description: str, body: type[ProblemBody] = ProblemBody) -> dict[str, Any]:
    """For a route's `responses`. By reference, since the framework compiles a model anew for each route and status;
    document.py adds what is referred to."""
    schema = {"$ref": f"#/components/schemas/{body.__name__}"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema}}}


class Problem(Exception):
    """Raised anywhere in a route."""

    def __init__(
        self,
        status: int,
        reason: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.status = status
        self.reason = reason
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})
        if status in (429, 503):
            self.headers.setdefault("Retry-After", str(RETRY_AFTER_S))


def request_id_of(request: Request) -> str:
    """The caller's X-Request-Id when it is sensible, else a new one; the same all through the request."""
    state = request.scope.setdefault("state", {})
    if "request_id" not in state:
        given = request.headers.get("x-request-id", "")
        sensible = 0 < len(given) <= 128 and given.isascii() and given.isprintable()
        state["request_id"] = given if sensible else str(new_id())
    return str(state["request_id"])


def render(request: Request, problem: Problem, **more: str) -> Response:
    """`more` are members beside those of every problem."""
    request_id = request_id_of(request)
    reason = problem.reason
    body = {
        "type": f"urn:waypost:problem:{reason.lower()}",
        "title": words.title(reason, problem.status, request.headers.get("accept-language", "")),
        "status": problem.status,
        "detail": problem.detail,
        "reason": reason,
        "errors": [
            error.model_dump() | {"pointer": _place(request, error.pointer)} for error in problem.errors
        ],
        "request_id": request_id,
        **more,
    }
    return Response(
        orjson.dumps(body),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={**problem.headers, "X-Request-Id": request_id},
    )


def _place(request: Request, pointer: str) -> str:
    """Services do not know which of their fields came in the address."""
    name = pointer.removeprefix("/")
    addressed = request.method in ("GET", "HEAD", "DELETE") or name in request.path_params
    return f"#{name}" if addressed and pointer.startswith("/") else pointer


def of_service_error(error: ServiceError) -> Problem:
    status = STATUS.get(error.code, 500)
    if error.code == Code.UNAUTHENTICATED and error.reason != "CONTEXT_INVALID":
        # The caller's own credential, for example a provider's signature; a bad context would be a fault of ours.
        status = 401
    if isinstance(error, RemoteError) and not error.domain:
        return _unspoken(status)
    if status == 500:
        return Problem(500, "INTERNAL", _FAULT)
    return Problem(status, error.reason, error.message, errors=_field_errors(error))


def _unspoken(status: int) -> Problem:
    """An error that gRPC made up itself: its text names addresses and is not for callers."""
    if status == 504:
        return Problem(504, "DEADLINE_EXCEEDED", "a service did not answer in time; try again")
    if status in (503, 501):
        return Problem(503, "SERVICE_UNAVAILABLE", "a service cannot be reached; try again")
    return Problem(500, "INTERNAL", _FAULT)


def _field_errors(error: ServiceError) -> list[FieldError]:
    meta = error.metadata
    if "pointer" in meta:
        return [
            FieldError(pointer=meta["pointer"], reason=meta.get("reason", error.reason), detail=error.message)
        ]
    if "field" in meta:
        return [FieldError(pointer=f"/{meta['field']}", reason=error.reason, detail=error.message)]
    return []


def of_fault(request: Request, error: Exception) -> Problem:
    """An exception that nobody expected: the log has all of it, the caller the request's id."""
    logs.get().error("fault", request_id=request_id_of(request), exc_info=error)
    return Problem(500, "INTERNAL", _FAULT)


def install(app: FastAPI) -> None:
    """Handlers for everything that can go wrong, the framework's own errors included."""
    log = logs.get()

    async def on_problem(request: Request, error: Problem) -> Response:
        return render(request, error)

    async def on_service_error(request: Request, error: ServiceError) -> Response:
        problem = of_service_error(error)
        if problem.status == 500:
            log.error("call_failed", request_id=request_id_of(request), detail=str(error))
        return render(request, problem)

    async def on_http(request: Request, error: HTTPException) -> Response:
        reason = _FRAMEWORK.get(error.status_code, "FIELD_INVALID")
        detail = str(error.detail)
        if error.status_code in (404, 405):
            # As it was sent: decoding it may have moved a slash.
            path = request.scope["raw_path"].decode("ascii", "replace")
            detail = f"{request.method} {path} is not part of this interface"
        headers = dict(error.headers or {})
        return render(request, Problem(error.status_code, reason, detail, headers=headers))

    async def on_invalid(request: Request, error: RequestValidationError) -> Response:
        fields = [_of_pydantic(one) for one in error.errors()]
        detail = "; ".join(f"{field.pointer}: {field.detail}" for field in fields[:5])
        return render(request, Problem(422, "FIELD_INVALID", detail, errors=fields))

    async def on_fault(request: Request, error: Exception) -> Response:
        return render(request, of_fault(request, error))

    handlers: dict[Any, Any] = {
        Problem: on_problem,
        ServiceError: on_service_error,
        HTTPException: on_http,
        RequestValidationError: on_invalid,
        Exception: on_fault,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


def _of_pydantic(error: Mapping[str, Any]) -> FieldError:
    """Only where and why: the value that was sent stays out of the answer."""
    place, *path = error["loc"]
    where = "/" + "/".join(str(step).replace("~", "~0").replace("/", "~1") for step in path)
    pointer = where if place == "body" else f"#{'/'.join(map(str, path))}"
    return FieldError(pointer=pointer, reason=str(error["type"]), detail=str(error["msg"]))
