"""Whom a merge or split by hand is about. Those named are held: nobody else changes who they are meanwhile."""

from collections.abc import Sequence
from uuid import UUID

from chassis.database import Tx
from chassis.errors import NotFound, StateConflict

from profile_service.api.identity_reads import person_of
from profile_service.domain.calls import Key
from profile_service.queries import identity as queries
from profile_service.store import identifiers

MERGES = "the list of the person's merges has it"


async def held(tx: Tx, asked: Sequence[UUID]) -> list[UUID]:
    """The people that these identities are; whoever else would change who they are waits until the transaction ends."""
    while True:
        found = [await person_of(tx, one) for one in asked]
        await identifiers.lock_people(tx, found)
        if found == [await person_of(tx, one) for one in asked]:
            return found


async def merged(tx: Tx, merge_id: UUID, asked: UUID | None) -> tuple[UUID, set[UUID]]:
    """The person who went on from the merge, and who joined them then. `asked`: one of either side."""
    row = await queries.merge(tx, merge_id)
    if row is None:
        raise NotFound(f"no merge has this id: {MERGES}", kind="merge", field="merge_id")
    off = {UUID(i) for some in row["before"].values() for i in some}
    [person] = await held(tx, [row["profile_id"]])
    if asked is not None and asked not in off and await person_of(tx, asked) != person:
        raise NotFound(f"this merge is another person's: {MERGES}", kind="merge", field="merge_id")
    return person, off


async def parts(tx: Tx, person: UUID, identity_ids: Sequence[UUID], keys: Sequence[Key]) -> set[UUID]:
    """The identities that are named; refused when one of them is not of this person."""
    found = await identifiers.find(tx, keys) if keys else {}
    for n, key in enumerate(keys):
        if key not in found:
            raise NotFound(f"nobody has this {key[0]}", kind="identifier", field=f"identifiers/{n}")
        if found[key].profile_id != person:
            raise StateConflict(f"this {key[0]} is not the person's", state="split", field=f"identifiers/{n}")
    current = await identifiers.current(tx, identity_ids)
    for one in identity_ids:
        if one not in current or current[one].profile_id != person:
            raise StateConflict(f"{one} is not the person's", state="split", field="identifiers")
    return {*identity_ids, *(member.identity_id for member in found.values())}
