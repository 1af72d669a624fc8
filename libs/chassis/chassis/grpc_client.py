"""Calls to other services: deadline, signed context, and retries only where the method is safe to repeat."""

import asyncio
import time
from collections.abc import Callable
from typing import Any, TypeVar

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from chassis import metrics, semconv, tracing
from chassis.context import METADATA_KEY, ContextSigner, Tenant
from chassis.errors import ServiceError
from chassis.telemetry import TRACEPARENT_KEY
from chassis.tls import TlsFiles

Response = TypeVar("Response")
LOOK_AGAIN_S = 10.0
"""Between two looks at whether the certificate was replaced."""
_RETRIED = (grpc.StatusCode.UNAVAILABLE,)
_SERVICE_CONFIG = (
    '{"loadBalancingConfig":[{"round_robin":{}}],"healthCheckConfig":{"serviceName":"readiness"}}'
)


class RemoteError(ServiceError):
    """What another service answered, with its own code and reason."""

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        info = _error_info(error)
        # Without an ErrorInfo it is the transport that speaks, of addresses and sockets that are nobody's business.
        text = (error.details() or "") if info else f"another service did not answer: {error.code().name}"
        super().__init__(text, reason=info.reason if info else error.code().name)
        # Not as keywords: metadata may have a "reason" of its own (RULE_INVALID does).
        self.metadata = dict(info.metadata) if info else {}
        self.code = error.code()
        self.domain = info.domain if info else ""


class Peers:
    """Channels to the other services, one each, opened on first use."""

    def __init__(
        self,
        caller: str,
        addresses: dict[str, str],
        signer: ContextSigner,
        tls: TlsFiles | None = None,
    ) -> None:
        self._caller = caller
        self._addresses = addresses
        self._signer = signer
        self._tls = tls
        self._opened_with = tls.stamp() if tls else ()
        self._looked_at = time.monotonic()
        self._channels: dict[str, grpc.aio.Channel] = {}
        self._stubs: dict[Any, Any] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def stub(self, service: str, make: Callable[[grpc.aio.Channel], Any]) -> Any:
        """The generated stub on the service's channel; KeyError for a service without an address."""
        if self._tls:
            self._renew(self._tls)
        if (service, make) not in self._stubs:
            if service not in self._channels:
                self._channels[service] = self._open(self._addresses[service])
            self._stubs[service, make] = make(self._channels[service])
        return self._stubs[service, make]

    def _renew(self, tls: TlsFiles) -> None:
        """After a change of the certificate calls go over new channels; those under way end on the old ones."""
        now = time.monotonic()
        if now - self._looked_at < LOOK_AGAIN_S:
            return
        self._looked_at = now
        try:
            stamp = tls.stamp()
        except OSError:
            return
        if stamp != self._opened_with:
            self._opened_with = stamp
            for channel in self._channels.values():
                closing = asyncio.create_task(channel.close(grace=60))
                self._closing.add(closing)
                closing.add_done_callback(self._closing.discard)
            self._channels.clear()
            self._stubs.clear()

    def _open(self, target: str) -> grpc.aio.Channel:
        target = target if target.startswith("dns:") else f"dns:///{target}"
        options = [
            ("grpc.service_config", _SERVICE_CONFIG),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 1000),
            ("grpc.max_receive_message_length", 8 * 1024 * 1024),
        ]
        if self._tls:
            return grpc.aio.secure_channel(target, self._tls.channel_credentials(), options=options)
        return grpc.aio.insecure_channel(target, options=options)

    def tenant(
        self,
        workspace_id: Any,
        actor: str = "",
        scopes: tuple[str, ...] = (),
        org_units: tuple[str, ...] = (),
    ) -> Tenant:
        return Tenant(self._caller, workspace_id, actor, scopes, org_units)

    async def call(
        self,
        method: Callable[..., Any],
        request: Any,
        tenant: Tenant,
        *,
        deadline_s: float = 5.0,
        attempts: int = 3,
    ) -> Any:
        """One logical call. Every method of ours is a read or carries a request_id, so UNAVAILABLE is repeated
        within the deadline; nothing else is. Raises RemoteError."""
        # Every method has a request of its own, named after it.
        name = request.DESCRIPTOR.full_name.removesuffix("Request")
        began = asyncio.get_running_loop().time()
        code = grpc.StatusCode.CANCELLED
        with tracing.inner(name, "client", {semconv.RPC_SYSTEM: "grpc", semconv.RPC_METHOD: name}):
            try:
                answer = await self._attempts(method, request, tenant, began + deadline_s, attempts)
                code = grpc.StatusCode.OK
                return answer
            except RemoteError as error:
                code = error.code
                raise
            finally:
                took = asyncio.get_running_loop().time() - began
                metrics.RPC_MADE.labels(name, code.name).observe(took)

    async def _attempts(
        self, method: Callable[..., Any], request: Any, tenant: Tenant, ends: float, attempts: int
    ) -> Any:
        loop = asyncio.get_running_loop()
        metadata: list[tuple[str, str | bytes]] = [(METADATA_KEY, self._signer.sign(tenant))]
        if followed := tracing.traceparent():
            metadata.append((TRACEPARENT_KEY, followed))
        for attempt in range(attempts):
            try:
                return await method(request, timeout=max(0.01, ends - loop.time()), metadata=metadata)
            except grpc.aio.AioRpcError as error:
                pause = 0.05 * 2**attempt
                if error.code() not in _RETRIED or attempt == attempts - 1 or loop.time() + pause >= ends:
                    raise RemoteError(error) from error
                await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    async def stop(self) -> None:
        for closing in list(self._closing):
            closing.cancel()
        for channel in self._channels.values():
            await channel.close(grace=1)
        self._channels.clear()
        self._stubs.clear()


def _error_info(error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo | None:
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = error_details_pb2.ErrorInfo()
            detail.Unpack(info)
            return info
    return None
