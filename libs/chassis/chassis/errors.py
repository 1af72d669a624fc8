"""Errors with a stable machine reason. One edge (grpc_server) turns them into a status; driver texts stay inside."""

import grpc


class ServiceError(Exception):
    """A refusal that the caller may read. `reason` is a value of a proto ErrorReason enum without its prefix."""

    code = grpc.StatusCode.INTERNAL
    reason = "INTERNAL"

    def __init__(self, message: str, *, reason: str | None = None, **metadata: str) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or self.reason
        self.metadata = metadata


class InvalidArgument(ServiceError):
    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "FIELD_INVALID"


class NotFound(ServiceError):
    code = grpc.StatusCode.NOT_FOUND
    reason = "NOT_FOUND"


class StateConflict(ServiceError):
    code = grpc.StatusCode.FAILED_PRECONDITION
    reason = "STATE_CONFLICT"


class NotCaughtUp(ServiceError):
    """What the caller has heard of has not come here yet."""

    code = grpc.StatusCode.FAILED_PRECONDITION
    reason = "NOT_CAUGHT_UP"


class Unauthenticated(ServiceError):
    code = grpc.StatusCode.UNAUTHENTICATED
    reason = "CONTEXT_INVALID"


class PermissionDenied(ServiceError):
    code = grpc.StatusCode.PERMISSION_DENIED
    reason = "CALLER_FORBIDDEN"


class DatabaseUnavailable(ServiceError):
    code = grpc.StatusCode.UNAVAILABLE
    reason = "DATABASE_UNAVAILABLE"


class BrokerUnavailable(ServiceError):
    code = grpc.StatusCode.UNAVAILABLE
    reason = "BROKER_UNAVAILABLE"


class StreamUnsafe(BrokerUnavailable):
    """The broker is there, but its stream is set so that it could lose what it acknowledged."""

    reason = "STREAM_UNSAFE"


class DataKeyUnknown(ServiceError):
    """Something is sealed with a data key that this process has not learnt yet: that is waited for."""

    code = grpc.StatusCode.UNAVAILABLE
    reason = "DATA_KEY_UNKNOWN"


class DataError(Exception):
    """A record that can never be handled: bisected out of its batch and kept as a dead letter."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
