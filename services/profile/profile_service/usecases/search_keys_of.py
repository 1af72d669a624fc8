"""Every search key that people have by what is stored of them."""

from uuid import UUID

import msgspec
from chassis.crypto import WorkspaceCipher
from chassis.database import Tx

from profile_service.domain.search_terms import address_terms, name_terms
from profile_service.queries import whole_people
from profile_service.store import facts
from profile_service.store.search_keys import SearchKey


async def search_keys_of(tx: Tx, identity_ids: list[UUID], cipher: WorkspaceCipher) -> list[SearchKey]:
    """The identities are held meanwhile: a name that changes now would leave what it was behind."""
    terms = []
    for identity_id, (_, known) in (await facts.lock_traits(tx, identity_ids)).items():
        if known.sealed:
            held = msgspec.json.decode(cipher.open(known.sealed, b"traits" + identity_id.bytes))
            terms += [(identity_id, term) for term in name_terms(held)]
    for row in await whole_people.contact_points(tx, identity_ids):
        address = cipher.open(row["sealed_address"], b"contact" + row["contact_key"]).decode()
        terms += [(row["identity_id"], term) for term in address_terms(row["type"], address)]
    return [SearchKey.of(t.kind, cipher.search_token(*t), identity_id) for identity_id, t in terms]
