"""What every protocol does with a request: check its signature, read its JSON, cut its connection."""

import json

from aiohttp import web

from waypost_sandbox import clock, signature
from waypost_sandbox.messages import Refusal, Refused


def signed_by(secret: bytes, request: web.Request, body: bytes) -> str:
    """The account that signed the request."""
    try:
        return signature.verify(secret, request.headers, body, clock.now() // clock.SECOND)
    except signature.SignatureInvalid as error:
        raise Refused(Refusal(401, "SIGNATURE_INVALID", "The signature is missing or wrong.")) from error
    except signature.TimestampExpired as error:
        message = f"The timestamp is more than {signature.TOLERANCE} s from now."
        raise Refused(Refusal(401, "TIMESTAMP_EXPIRED", message)) from error


def json_object(body: bytes) -> dict[str, object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(Refusal(400, "BODY_INVALID", "The body is not JSON.")) from error
    if not isinstance(value, dict):
        raise Refused(Refusal(400, "BODY_INVALID", "The body is not a JSON object."))
    return value


def storable(*texts: str) -> bool:
    """JSON can spell half a surrogate pair, which has no UTF-8 and which SQLite would refuse."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


def refused(refusal: Refusal) -> web.Response:
    response = web.json_response(refusal.as_json(), status=refusal.status)
    if refusal.retry_after_ms is not None:
        response.headers["Retry-After"] = str(max(1, -(-refusal.retry_after_ms // 1_000)))
    return response


def withheld(request: web.Request) -> web.Response:
    """Closes the connection; what is returned here reaches nobody."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()
