"""How an identifier is looked up: personal ones by blind index."""

from chassis.crypto import WorkspaceCipher

from profile_service.domain.calls import Key
from profile_service.domain.identifiers import PERSONAL, Identifier


def key_of(identifier: Identifier, cipher: WorkspaceCipher) -> Key:
    if identifier.type in PERSONAL:
        return identifier.type, identifier.scope, cipher.blind_index(identifier.type, identifier.value)
    return identifier.type, identifier.scope, identifier.value.encode()
