"""What the framework does not say about the interface by itself, put into its OpenAPI document."""

from typing import Any

from gateway_service.problems import IngestProblem, ProblemBody

WRITE_KEY = {
    "type": "http",
    "scheme": "basic",
    "description": "The write key as user name, without a password",
}
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
    """The document with what problems look like, the statuses any route may answer, and the headers that are read
    from the request rather than declared."""
    components = document.setdefault("components", {})
    for body in (ProblemBody, IngestProblem):
        schema = body.model_json_schema(ref_template="#/components/schemas/{model}")
        components["schemas"] |= schema.pop("$defs") | {body.__name__: schema}
    components.setdefault("securitySchemes", {})["write_key"] = WRITE_KEY
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if path.startswith("/v1/"):
                _add_statuses(operation)
            if method != "get" and {"HTTPBearer": []} in operation.get("security", ()):
                operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    return document


def _add_statuses(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    problem = responses["400"]["content"]
    for status, description in _ANYWHERE.items():
        known = responses.setdefault(status, {"description": description})
        known.setdefault("content", problem)
        if status in ("429", "503"):
            known["headers"] = _RETRY_AFTER
