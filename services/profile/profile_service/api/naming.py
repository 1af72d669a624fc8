"""Identifiers as they may be shown: personal ones masked."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from chassis.crypto import WorkspaceCipher
from chassis.database import Tx
from waypost.profile.v1 import identity_service_pb2 as pb

from profile_service.domain.identifiers import mask
from profile_service.queries import identity


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
    plain = plain_value(row, cipher)
    return mask(row["type"], plain) if row["sealed_value"] else plain


def plain_value(row: Any, cipher: WorkspaceCipher) -> str:
    if row["sealed_value"]:
        return cipher.open(row["sealed_value"], b"identifiers" + row["value_key"]).decode()
    value: str = row["value_key"].decode()
    return value


def some_of(shown: Mapping[UUID, pb.NamedIdentity], ids: Iterable[UUID]) -> list[pb.NamedIdentity]:
    return [shown[i] for i in ids if i in shown]
