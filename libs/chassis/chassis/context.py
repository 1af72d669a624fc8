"""Who calls and for which workspace: signed by the caller, verified by every servicer."""

import hmac
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from google.protobuf.message import DecodeError
from waypost.common.v1 import context_pb2

from chassis.clock import Clock, from_ms
from chassis.errors import Unauthenticated

METADATA_KEY = "waypost-context-bin"
TTL = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Tenant:
    caller: str
    workspace_id: UUID
    actor: str = ""
    scopes: tuple[str, ...] = ()


_current: ContextVar[Tenant] = ContextVar("tenant")


def current() -> Tenant:
    """The verified caller of the RPC being served."""
    return _current.get()


def workspace_served() -> UUID | None:
    """The workspace of the RPC being served; None outside of one."""
    tenant = _current.get(None)
    return tenant.workspace_id if tenant else None


def enter(tenant: Tenant) -> None:
    _current.set(tenant)


class ContextSigner:
    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock

    def sign(self, tenant: Tenant) -> bytes:
        context = context_pb2.TenantContext(
            caller=tenant.caller,
            workspace_id=str(tenant.workspace_id),
            actor=tenant.actor,
            scopes=tenant.scopes,
        )
        context.expire_time.FromDatetime(self._clock.now() + TTL)
        encoded = context.SerializeToString()
        signed = context_pb2.SignedContext(context=encoded, signature=self._signature(encoded))
        return signed.SerializeToString()

    def verify(self, raw: bytes | None) -> Tenant:
        """The tenant; Unauthenticated when the context is missing, forged or expired."""
        if raw is None:
            raise Unauthenticated("the call carries no signed context")
        try:
            signed = context_pb2.SignedContext.FromString(raw)
            if not hmac.compare_digest(signed.signature, self._signature(signed.context)):
                raise Unauthenticated("the context's signature does not verify")
            context = context_pb2.TenantContext.FromString(signed.context)
            workspace_id = UUID(context.workspace_id)
        except (DecodeError, ValueError) as error:
            raise Unauthenticated("the context cannot be read") from error
        expires = from_ms(context.expire_time.ToMilliseconds())
        if expires <= self._clock.now():
            raise Unauthenticated("the context has expired")
        return Tenant(context.caller, workspace_id, context.actor, tuple(context.scopes))

    def _signature(self, encoded: bytes) -> bytes:
        return hmac.digest(self._secret, encoded, sha256)
