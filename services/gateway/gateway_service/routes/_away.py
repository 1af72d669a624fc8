"""Questions whose answer can be done without: the page is shown, and says who did not answer."""

from typing import Any

import grpc
from chassis.errors import ServiceError

from gateway_service.problems import Problem
from gateway_service.remote import Remote
from gateway_service.store.keys import Credential

PATIENCE_S = 2.0
"""How long a page waits for such an answer."""
_AWAY = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
    # The release before, while another is rolled out.
    grpc.StatusCode.UNIMPLEMENTED,
)


async def ask(remote: Remote, service: str, method: str, request: Any, credential: Credential) -> Any | None:
    """The answer; None when the service is away or this platform has none. Raises ServiceError for a refusal."""
    try:
        return await remote.call(service, method, request, credential, deadline_s=PATIENCE_S)
    except ServiceError as error:
        if error.code not in _AWAY:
            raise
    except Problem as problem:
        if problem.reason != "SERVICE_NOT_CONFIGURED":
            raise
    return None
