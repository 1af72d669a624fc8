"""Who calls and for which workspace: signed by the caller, verified by every servicer."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from google.protobuf.message import DecodeError
from waypost.common.v1 import context_pb2

from chassis.clock import Clock, from_ms
from chassis.errors import Unauthenticated
from chassis.keyring import Keyring

METADATA_KEY = "waypost-context-bin"
TTL = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Tenant:
    caller: str
    workspace_id: UUID
    actor: str = ""
    scopes: tuple[str, ...] = ()
    org_units: tuple[str, ...] = ()
    """The org units that the actor may see; none: the whole workspace."""


_current: ContextVar[Tenant] = ContextVar("tenant")


def current() -> Tenant:
    """The verified caller of the RPC being served."""
    return _current.get()


def workspace_served() -> UUID | None:
    """The workspace of the RPC being served; None outside of one."""
    tenant = _current.get(None)
    return tenant.workspace_id if tenant else None


def org_units_served() -> tuple[str, ...]:
    """The org units that the RPC being served may see; none: the whole workspace."""
    tenant = _current.get(None)
    return tenant.org_units if tenant else ()


def enter(tenant: Tenant) -> None:
    _current.set(tenant)


class ContextSigner:
    def __init__(self, keys: Keyring, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock

    def sign(self, tenant: Tenant) -> bytes:
        context = context_pb2.TenantContext(
            caller=tenant.caller,
            workspace_id=str(tenant.workspace_id),
            actor=tenant.actor,
            scopes=tenant.scopes,
            org_units=tenant.org_units,
        )
        context.expire_time.FromDatetime(self._clock.now() + TTL)
        encoded = context.SerializeToString()
        signed = context_pb2.SignedContext(context=encoded, signature=self._keys.sign(encoded))
        return signed.SerializeToString()

    def verify(self, raw: bytes | None) -> Tenant:
        """The tenant; Unauthenticated when the context is missing, forged or expired."""
        if raw is None:
            raise Unauthenticated("the call carries no signed context")
        try:
            signed = context_pb2.SignedContext.FromString(raw)
            if not self._keys.verifies(signed.signature, signed.context):
                raise Unauthenticated("the context's signature does not verify")
            context = context_pb2.TenantContext.FromString(signed.context)
            workspace_id = UUID(context.workspace_id)
        except (DecodeError, ValueError) as error:
            raise Unauthenticated("the context cannot be read") from error
        expires = from_ms(context.expire_time.ToMilliseconds())
        if expires <= self._clock.now():
            raise Unauthenticated("the context has expired")
        return Tenant(
            context.caller, workspace_id, context.actor, tuple(context.scopes), tuple(context.org_units)
        )
