"""Identifiers that calls name without verifying them → claims of who they are about."""

from collections.abc import Mapping, Sequence

from chassis.clock import from_ms
from chassis.crypto import WorkspaceCipher
from chassis.database import Tx

from profile_service.domain.calls import Call
from profile_service.domain.identifiers import Identifier
from profile_service.domain.identity import Member
from profile_service.store import claims, erased
from profile_service.store.claims import Claim
from profile_service.usecases.keying import key_of


async def keep_claims(
    tx: Tx, calls: Sequence[Call], members: Mapping[str, Member], cipher: WorkspaceCipher
) -> None:
    """`members` by message id. What names somebody who was erased is not kept."""
    claiming = [call for call in calls if call.claims]
    if not claiming:
        return
    hashes = {i: erased.hash_of(key_of(i, cipher), cipher) for call in claiming for i in call.claims}
    held = await erased.held_back(tx, hashes.values())

    def may_be_kept(identifier: Identifier, at: int) -> bool:
        found = held.get(hashes[identifier])
        return found is None or not found.holds(from_ms(at))

    said: dict[Claim, tuple[int, int]] = {}
    for call in claiming:
        for identifier in call.claims:
            if may_be_kept(identifier, call.at):
                claim = Claim(members[call.message_id].identity_id, identifier)
                first, last = said.get(claim, (call.at, call.at))
                said[claim] = min(first, call.at), max(last, call.at)
    if said:
        await claims.add(tx, said)
