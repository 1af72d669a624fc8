"""How an identifier is looked up: personal ones by blind index."""

from functools import lru_cache

from chassis.crypto import WorkspaceCipher

from profile_service.domain.calls import Key
from profile_service.domain.identifiers import PERSONAL, Identifier


# What somebody does comes in bursts, and a key that is made once is found at once: it is the same object.
@lru_cache(maxsize=65_536)
def key_of(identifier: Identifier, cipher: WorkspaceCipher) -> Key:
    if identifier.type in PERSONAL:
        return identifier.type, identifier.scope, cipher.blind_index(identifier.type, identifier.value)
    return identifier.type, identifier.scope, identifier.value.encode()
