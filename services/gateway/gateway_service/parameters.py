"""A parameter that an address does not take is refused: a filter that is misspelt would show everybody."""

from urllib.parse import parse_qsl

from fastapi.dependencies.models import Dependant, ModelField
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway_service.problems import FieldError, Problem

_OPEN = ("/v1/callbacks/",)
"""Below these, providers put what they like."""


def checked(route: APIRoute, endpoint: ASGIApp) -> ASGIApp:
    """A route's application. Pages for visitors take whatever campaign brought them."""
    if not route.path.startswith("/v1/") or route.path.startswith(_OPEN):
        return endpoint
    known = _names(route.dependant)

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["query_string"]:
            asked = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
            unknown = [name for name in asked if name not in known]
            if unknown:
                raise _refusal(unknown, known)
        await endpoint(scope, receive, send)

    return run


def _names(dependant: Dependant) -> list[str]:
    own = [name for field in dependant.query_params for name in _fields(field)]
    return own + [name for inner in dependant.dependencies for name in _names(inner)]


def _fields(parameter: ModelField) -> list[str]:
    """Several, when a route takes them as one model."""
    kind = parameter.field_info.annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [field.alias or name for name, field in kind.model_fields.items()]
    return [parameter.alias]


def _refusal(unknown: list[str], known: list[str]) -> Problem:
    detail = f"the parameters are {', '.join(known)}" if known else "there are no parameters"
    return Problem(
        400,
        "FIELD_INVALID",
        f"no parameter is called {unknown[0][:64]}: {detail}",
        errors=[
            FieldError(pointer=f"#{name[:64]}", reason="unknown_parameter", detail=detail)
            for name in unknown[:20]
        ],
    )
