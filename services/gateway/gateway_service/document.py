"""What the framework does not say about the interface by itself, put into its OpenAPI document."""

from typing import Any

WRITE_KEY = {
    "type": "http",
    "scheme": "basic",
    "description": "The write key as user name, without a password",
}
_PROBLEMS = ("ProblemBody", "IngestProblem")
_ANYWHERE = {
    "413": "The body is too large",
    "429": "The key's rate, or this address's guesses at keys, are used up",
    "503": "A part that is needed cannot be reached",
    "504": "A part that is needed did not answer in time",
}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer", "minimum": 1}}}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Names a change for 24 hours: repeated with the same body it is answered as the first time and "
    "done once; with another body it is refused",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """The document with problems under their media type, the statuses any route may answer, and the headers that
    are read from the request rather than declared."""
    components = document.setdefault("components", {})
    components.setdefault("securitySchemes", {})["write_key"] = WRITE_KEY
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if path.startswith("/v1/"):
                _add_statuses(operation)
            _name_problems(operation)
            if method != "get" and {"HTTPBearer": []} in operation.get("security", ()):
                operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    return document


def _add_statuses(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    schema = responses["400"]["content"]["application/json"]["schema"]
    for status, description in _ANYWHERE.items():
        known = responses.setdefault(status, {"description": description})
        known.setdefault("content", {"application/json": {"schema": schema}})
        if status in ("429", "503"):
            known["headers"] = _RETRY_AFTER


def _name_problems(operation: dict[str, Any]) -> None:
    """The framework documents a problem under the media type of the route's good answers."""
    for response in operation["responses"].values():
        content = response.get("content", {})
        for media_type, content_of in list(content.items()):
            if _is_problem(content_of.get("schema", {})):
                content["application/problem+json"] = content.pop(media_type)


def _is_problem(schema: dict[str, Any]) -> bool:
    return str(schema.get("$ref", "")).rpartition("/")[2] in _PROBLEMS
