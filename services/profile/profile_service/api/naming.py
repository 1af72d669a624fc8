"""Identifiers as callers write them, and as they may be shown: personal ones masked."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from chassis.crypto import WorkspaceCipher
from chassis.database import Tx
from chassis.errors import InvalidArgument
from waypost.profile.v1 import identity_service_pb2 as pb
from waypost.profile.v1.profile_service_pb2 import IdentifierKey

from profile_service.domain.calls import Key
from profile_service.domain.identifiers import PERSONAL, ParsePhone, Refused, mask, normalise
from profile_service.queries import identity


def key_of(asked: IdentifierKey, cipher: WorkspaceCipher, parse_phone: ParsePhone) -> Key:
    found = normalise(asked.type, asked.scope, asked.value, parse_phone)
    if isinstance(found, Refused):
        raise InvalidArgument(found.detail, field=f"identifier.{found.reason}")
    personal = found.type in PERSONAL
    key = cipher.blind_index(found.type, found.value) if personal else found.value.encode()
    return found.type, found.scope, key


async def named(
    tx: Tx, cipher: WorkspaceCipher, identity_ids: Collection[UUID]
) -> dict[UUID, pb.NamedIdentity]:
    """Those that are still known."""
    rows = await identity.named(tx, identity_ids) if identity_ids else []
    return {
        r["identity_id"]: pb.NamedIdentity(
            identity_id=str(r["identity_id"]), type=r["type"], scope=r["scope"], value=shown_value(r, cipher)
        )
        for r in rows
    }


def shown_value(row: Any, cipher: WorkspaceCipher) -> str:
    if row["sealed_value"]:
        return mask(row["type"], cipher.open(row["sealed_value"], b"identifiers" + row["value_key"]).decode())
    value: str = row["value_key"].decode()
    return value
