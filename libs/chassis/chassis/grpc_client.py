"""Calls to other services: deadline, signed context, and retries only where the method is safe to repeat."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from chassis.context import METADATA_KEY, ContextSigner, Tenant
from chassis.errors import ServiceError

Response = TypeVar("Response")
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

    def __init__(self, caller: str, addresses: dict[str, str], signer: ContextSigner) -> None:
        self._caller = caller
        self._addresses = addresses
        self._signer = signer
        self._channels: dict[str, grpc.aio.Channel] = {}

    def stub(self, service: str, make: Callable[[grpc.aio.Channel], Any]) -> Any:
        """The generated stub on the service's channel."""
        if service not in self._channels:
            target = self._addresses[service]
            self._channels[service] = grpc.aio.insecure_channel(
                target if target.startswith("dns:") else f"dns:///{target}",
                options=[
                    ("grpc.service_config", _SERVICE_CONFIG),
                    ("grpc.initial_reconnect_backoff_ms", 100),
                    ("grpc.max_reconnect_backoff_ms", 1000),
                    ("grpc.max_receive_message_length", 8 * 1024 * 1024),
                ],
            )
        return make(self._channels[service])

    def tenant(self, workspace_id: Any, actor: str = "", scopes: tuple[str, ...] = ()) -> Tenant:
        return Tenant(self._caller, workspace_id, actor, scopes)

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
        loop = asyncio.get_running_loop()
        ends = loop.time() + deadline_s
        metadata = ((METADATA_KEY, self._signer.sign(tenant)),)
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
        for channel in self._channels.values():
            await channel.close(grace=1)
        self._channels.clear()


def _error_info(error: grpc.aio.AioRpcError) -> error_details_pb2.ErrorInfo | None:
    status = rpc_status.from_call(error)
    for detail in status.details if status else ():
        if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
            info = error_details_pb2.ErrorInfo()
            detail.Unpack(info)
            return info
    return None
