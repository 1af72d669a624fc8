"""What an import keeps sealed: it may quote the file."""

from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from chassis.crypto import WorkspaceCipher

from gateway_service.imports.faults import Fault
from gateway_service.imports.layout import Layout
from gateway_service.imports.mapping import Mapping

_PLACE = b"import details"
_FAULTS = b"import faults"


class Details(msgspec.Struct):
    layout: Layout
    source: str
    suggested: str
    """A Mapping as JSON."""
    samples: list[dict[str, Any]]
    """The first rows."""
    mapping: str = ""
    """As JSON; empty until it is started."""
    outcomes: list[dict[str, Any]] = []
    """Of a dry run: rows that show what would happen."""

    def seal(self, cipher: WorkspaceCipher) -> bytes:
        return cipher.seal(msgspec.msgpack.encode(self), _PLACE)

    @classmethod
    def unseal(cls, cipher: WorkspaceCipher, sealed: bytes) -> "Details":
        return msgspec.msgpack.decode(cipher.open(sealed, _PLACE), type=cls)

    def chosen(self) -> Mapping:
        return Mapping.model_validate_json(self.mapping)

    def prefix(self, import_id: UUID) -> str:
        """Of message ids. Another mapping makes other calls of the rows, so they are not repeats."""
        return f"import-{import_id}-{sha256(self.mapping.encode()).hexdigest()[:8]}-"


def seal_faults(cipher: WorkspaceCipher, faults: list[Fault]) -> bytes:
    return cipher.seal(msgspec.msgpack.encode(faults), _FAULTS)


def unseal_faults(cipher: WorkspaceCipher, sealed: bytes) -> list[Fault]:
    return msgspec.msgpack.decode(cipher.open(sealed, _FAULTS), type=list[Fault])
