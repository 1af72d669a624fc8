"""The gRPC door: verified context, errors with reasons, health, reflection, graceful stop."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import grpc
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from grpc_status import rpc_status

from chassis import context, logs, metrics, semconv, tracing
from chassis.context import METADATA_KEY, ContextSigner, Tenant
from chassis.database import UNREACHABLE
from chassis.errors import DatabaseUnavailable, PermissionDenied, ServiceError, Unauthenticated
from chassis.telemetry import TRACEPARENT_KEY
from chassis.tls import TlsFiles, names_service

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
    callers: Mapping[str, str] = field(default_factory=dict)
    """Method → the one service that may call it, for methods that are nobody else's business."""


class GrpcServer:
    def __init__(
        self,
        service: str,
        listen: str,
        servicers: Sequence[Servicer],
        signer: ContextSigner,
        *,
        reflected: bool = False,
        tls: TlsFiles | None = None,
        health_listen: str = "",
    ) -> None:
        """`reflected` tells whoever reaches the port which methods there are; to call one needs the context still.
        `health_listen` is a second door, without TLS, that answers health checks only."""
        self._domain = f"{service}.waypost"
        self._tls = tls
        callers = {f"/{s.name}/{method}": caller for s in servicers for method, caller in s.callers.items()}
        self._server = grpc.aio.server(
            interceptors=[_Frame(self._domain, signer, callers, named=tls is not None)],
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
        self._health_listen = health_listen
        self._health_server: grpc.aio.Server | None = None

    async def start(self) -> None:
        # grpc's servicer starts as SERVING: say the truth before the door opens.
        await self.set_ready(False)
        await self.health.set(LIVENESS, health_pb2.HealthCheckResponse.SERVING)
        if self._health_listen:
            self._health_server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
            health_pb2_grpc.add_HealthServicer_to_server(self.health, self._health_server)
            _listening(self._health_listen, self._health_server.add_insecure_port(self._health_listen))
            await self._health_server.start()
        if self._tls:
            port = self._server.add_secure_port(self._listen, self._tls.server_credentials())
        else:
            port = self._server.add_insecure_port(self._listen)
        _listening(self._listen, port)
        await self._server.start()

    async def set_ready(self, ready: bool) -> None:
        state = (
            health_pb2.HealthCheckResponse.SERVING if ready else health_pb2.HealthCheckResponse.NOT_SERVING
        )
        await self.health.set(READINESS, state)
        await self.health.set("", state)

    async def stop(self, grace: float) -> None:
        await self._server.stop(grace)
        if self._health_server:
            await self._health_server.stop(0)


def _listening(address: str, port: int) -> None:
    if port == 0:
        raise OSError(f"cannot listen on {address}")


class _Frame(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """The same frame around every handler: verify the context, run, turn errors into a rich status."""

    def __init__(
        self, domain: str, signer: ContextSigner, callers: Mapping[str, str], *, named: bool
    ) -> None:
        """`named`: the caller's certificate names it, and must agree with the context."""
        self._domain = domain
        self._signer = signer
        self._callers = callers
        self._named = named
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
        package, name = method[1:].split("/")
        # As the client names it, who knows the request and not the service.
        name = f"{package.rpartition('.')[0]}.{name}"
        attributes = {semconv.RPC_SYSTEM: "grpc", semconv.RPC_METHOD: name}

        async def served(request: Any, call_context: Any) -> Any:
            told = dict(call_context.invocation_metadata())
            with tracing.follow(name, told.get(TRACEPARENT_KEY, ""), "server", attributes):
                tenant = self._signer.verify(told.get(METADATA_KEY))
                self._admit(method, tenant, call_context)
                context.enter(tenant)
                return await inner(request, call_context)

        async def call(request: Any, call_context: Any) -> Any:
            began, code = time.perf_counter(), "CANCELLED"
            try:
                try:
                    answer = await served(request, call_context)
                    code = "OK"
                    return answer
                except ServiceError as error:
                    failure = error
                except UNREACHABLE:
                    failure = DatabaseUnavailable("the service cannot reach its database; try again")
                except (asyncpg.PostgresError, Exception):  # noqa: BLE001 - the edge: nothing of it may leave the service
                    self._log.exception("rpc_failed", method=method)
                    failure = ServiceError("a fault of ours; the log has it")
                code = failure.code.name
                await call_context.abort_with_status(rpc_status.to_status(self._status(failure)))
            finally:
                metrics.RPC_SERVED.labels(name, code).observe(time.perf_counter() - began)

        return call

    def _admit(self, method: str, tenant: Tenant, call_context: Any) -> None:
        if self._named and not names_service(
            call_context.auth_context().get("x509_subject_alternative_name", ()), tenant.caller
        ):
            raise Unauthenticated(f"the caller's certificate is not that of {tenant.caller}")
        if self._callers.get(method, tenant.caller) != tenant.caller:
            raise PermissionDenied(f"{tenant.caller} may not call {method}", method=method)

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
