"""Which dead letters are of somebody who was erased: calls that name one of their identifiers."""

from collections.abc import Collection
from uuid import UUID

from chassis.crypto import Ciphers, SealError
from chassis.database import Tx
from chassis.errors import DataError
from chassis.personal_data.letters import IsTheirs, of_these
from google.protobuf.message import DecodeError

from profile_service.domain.identifiers import ParsePhone
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.events.read_ingest import read_call
from profile_service.store import erased
from profile_service.usecases.keying import key_of


class LettersOf:
    def __init__(self, ciphers: Ciphers, parse_phone: ParsePhone) -> None:
        self._ciphers = ciphers
        self._parse_phone = parse_phone

    async def __call__(self, tx: Tx, erasure_id: UUID, ids: Collection[UUID]) -> IsTheirs:
        cipher = self._ciphers.of(tx.workspace_id)
        hashes = await erased.hashes_of(tx, erasure_id)
        names_them = await of_these(tx, erasure_id, ids)
        everything = IdentitySettings()

        def is_theirs(subject: str, record: bytes) -> bool:
            try:
                plain = cipher.open(record, b"dead")
                if not subject.startswith("INGEST"):
                    return names_them(subject, plain)
                call = read_call(plain, self._parse_phone, everything)
            except (SealError, DecodeError, DataError):
                return False
            return any(erased.hash_of(key_of(i, cipher), cipher) in hashes for i in call.identifiers)

        return is_theirs
