"""The gRPC door: verified context, errors with reasons, health, reflection, graceful stop."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import grpc
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from chassis import context, logs
from chassis.context import METADATA_KEY, ContextSigner
from chassis.database import UNREACHABLE
from chassis.errors import DatabaseUnavailable, ServiceError

_OPEN = ("/grpc.health.v1.Health/", "/grpc.reflection.")
READINESS = "readiness"
LIVENESS = "liveness"
MAX_TEXT = 256
"""Characters of an error's message, and of each value of its metadata."""


@dataclass(frozen=True, slots=True)
class Servicer:
    """A servicer with the generated function that adds it and its full service name."""

    name: str
    add: Callable[[Any, grpc.aio.Server], None]
    implementation: Any


class GrpcServer:
    def __init__(
        self,
        service: str,
        listen: str,
        servicers: Sequence[Servicer],
        signer: ContextSigner,
        *,
        reflected: bool = False,
    ) -> None:
        """`reflected` tells whoever reaches the port which methods there are; to call one needs the context still."""
        self._domain = f"{service}.waypost"
        self._server = grpc.aio.server(
            interceptors=[_Frame(self._domain, signer)],
            options=[
                ("grpc.max_receive_message_length", 8 * 1024 * 1024),
                ("grpc.max_connection_age_ms", 300_000),
                ("grpc.max_connection_age_grace_ms", 30_000),
                ("grpc.so_reuseport", 0),
            ],
        )
        for servicer in servicers:
            servicer.add(servicer.implementation, self._server)
        self.health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self.health, self._server)
        if reflected:
            names = [s.name for s in servicers] + [health.SERVICE_NAME, reflection.SERVICE_NAME]
            reflection.enable_server_reflection(names, self._server)
        self._listen = listen

    async def start(self) -> None:
        # grpc's servicer starts as SERVING: say the truth before the door opens.
        await self.set_ready(False)
        await self.health.set(LIVENESS, health_pb2.HealthCheckResponse.SERVING)
        if self._server.add_insecure_port(self._listen) == 0:
            raise OSError(f"cannot listen on {self._listen}")
        await self._server.start()

    async def set_ready(self, ready: bool) -> None:
        state = (
            health_pb2.HealthCheckResponse.SERVING if ready else health_pb2.HealthCheckResponse.NOT_SERVING
        )
        await self.health.set(READINESS, state)
        await self.health.set("", state)

    async def stop(self, grace: float) -> None:
        await self._server.stop(grace)


class _Frame(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """The same frame around every handler: verify the context, run, turn errors into a rich status."""

    def __init__(self, domain: str, signer: ContextSigner) -> None:
        self._domain = domain
        self._signer = signer
        self._log = logs.get()

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        handler = await continuation(details)
        if handler is None or details.method.startswith(_OPEN):
            return handler
        if handler.unary_unary is None:
            # The frame knows unary calls only; a stream let through would be one that nobody verified.
            return None
        return grpc.unary_unary_rpc_method_handler(
            self._framed(details.method, handler.unary_unary),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def _framed(
        self, method: str, inner: Callable[[Any, Any], Awaitable[Any]]
    ) -> Callable[[Any, Any], Awaitable[Any]]:
        async def call(request: Any, call_context: Any) -> Any:
            try:
                raw = next((v for k, v in call_context.invocation_metadata() if k == METADATA_KEY), None)
                context.enter(self._signer.verify(raw))
                return await inner(request, call_context)
            except ServiceError as error:
                failure = error
            except UNREACHABLE:
                failure = DatabaseUnavailable("the service cannot reach its database; try again")
            except (asyncpg.PostgresError, Exception):  # noqa: BLE001 - the edge: nothing of it may leave the service
                self._log.exception("rpc_failed", method=method)
                failure = ServiceError("a fault of ours; the log has it")
            await call_context.abort_with_status(rpc_status.to_status(self._status(failure)))

        return call

    def _status(self, error: ServiceError) -> status_pb2.Status:
        metadata = {key: _short(str(value)) for key, value in error.metadata.items()}
        info = error_details_pb2.ErrorInfo(reason=error.reason, domain=self._domain, metadata=metadata)
        detail = any_pb2.Any()
        detail.Pack(info)
        code = getattr(code_pb2, error.code.name)
        return status_pb2.Status(code=code, message=_short(error.message), details=[detail])


def _short(text: str) -> str:
    """Text fit for trailers: a client throws away an answer whose trailers pass 8 KiB, reason and all, and
    the message travels twice, once percent-encoded (nine characters for a Chinese one)."""
    cut = text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
    return cut.encode("utf-8", "replace").decode()
