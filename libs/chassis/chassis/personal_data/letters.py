"""Which dead letters are of somebody who was erased."""

from collections.abc import Awaitable, Callable, Collection
from typing import TypeAlias
from uuid import UUID

from google.protobuf.message import DecodeError
from waypost.common.v1 import personal_data_pb2 as pb

from chassis.database import Tx

IsTheirs: TypeAlias = Callable[[str, bytes], bool]
"""(subject, record as it is stored)."""
Letters: TypeAlias = Callable[[Tx, UUID, Collection[UUID]], Awaitable[IsTheirs]]
"""(transaction, erasure, identities)."""


async def of_these(_tx: Tx, _erasure_id: UUID, ids: Collection[UUID]) -> IsTheirs:
    """Of records that are stored as they came, of any stream whose records name a person."""
    texts = {str(i) for i in ids}

    def is_theirs(_subject: str, record: bytes) -> bool:
        try:
            return pb.PersonRecordHead.FromString(record).person.identity_id in texts
        except DecodeError:
            return False

    return is_theirs
