"""People by part of a personal value: candidates by keyed hashes, then a look at what they are called."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import msgspec
from chassis.crypto import WorkspaceCipher
from chassis.database import Tx
from chassis.errors import InvalidArgument

from profile_service.domain.calls import Key
from profile_service.domain.identifiers import normalise_email
from profile_service.domain.search_terms import (
    LAST_DIGITS,
    LONGEST_NAME,
    SHORTEST_NAME,
    Term,
    address_terms,
    folded_name,
    grams,
    matches_name,
)
from profile_service.queries import found_people
from profile_service.store import identifiers

MOST_CANDIDATES = 2_000
"""Identities that one call looks at."""
_STEP = 500


class Wanted(NamedTuple):
    terms: Sequence[Term]
    name: str = ""
    """To be found in a name; empty when the terms say it all."""

    @classmethod
    def of(cls, by: str, asked: str) -> "Wanted":
        """InvalidArgument for what cannot be searched for."""
        if by == "name":
            name = folded_name(asked)
            if len(name) < SHORTEST_NAME or len(asked) > LONGEST_NAME:
                raise InvalidArgument(
                    f"a name to search for has {SHORTEST_NAME} to {LONGEST_NAME} characters", field=by
                )
            return cls(sorted(grams(name)), name)
        if by == "phone_last4" and not (len(asked) == LAST_DIGITS and asked.isascii() and asked.isdigit()):
            raise InvalidArgument(f"say the last {LAST_DIGITS} digits", field=by)
        if by == "email_domain":
            address = normalise_email(f"x@{asked.strip()}")
            if address is None:
                raise InvalidArgument("not the domain of an e-mail address", field=by)
            return cls(address_terms("email", address)[1:])
        return cls([Term(by, asked.strip().lower())])


async def find_people(
    tx: Tx, wanted: Wanted, cipher: WorkspaceCipher, below: UUID, size: int
) -> tuple[list[UUID], UUID | None]:
    """Identities that fit, newest first, from before `below`, and how far that came; None when nothing is left."""
    kind = wanted.terms[0].kind
    tokens = [cipher.search_token(*term) for term in wanted.terms]
    first = tokens[0] if len(tokens) == 1 else await found_people.rarest(tx, kind, tokens)
    others = [t for t in tokens if t != first]
    fitting: list[UUID] = []
    for _ in range(0, MOST_CANDIDATES, _STEP):
        rows = await found_people.with_token(tx, kind, first, others, below, _STEP)
        candidates = [r["identity_id"] for r in rows if r["fits"]]
        if wanted.name:
            candidates = await _so_called(tx, candidates, wanted.name, cipher)
        fitting += candidates
        if len(fitting) > size:
            return fitting[:size], fitting[size - 1]
        if len(rows) < _STEP:
            return fitting, None
        below = rows[-1]["identity_id"]
    return fitting, below


async def find_by_address(tx: Tx, key: Key, below: UUID, size: int) -> tuple[list[UUID], UUID | None]:
    """As `find_people`, by a whole phone number or e-mail address: whose identifier or contact point it is, or was."""
    found = set(await found_people.with_contact_point(tx, key[2], below, size + 1))
    found |= {m.identity_id for m in (await identifiers.find(tx, [key])).values() if m.identity_id < below}
    newest = sorted(found, reverse=True)[: size + 1]
    return newest[:size], newest[size - 1] if len(newest) > size else None


async def _so_called(tx: Tx, identity_ids: Sequence[UUID], name: str, cipher: WorkspaceCipher) -> list[UUID]:
    found = set()
    for row in await found_people.personal_traits(tx, identity_ids) if identity_ids else ():
        sealed = row["sealed_traits"]
        if sealed:
            held = msgspec.json.decode(cipher.open(sealed, b"traits" + row["identity_id"].bytes))
            if matches_name(held, name):
                found.add(row["identity_id"])
    return [i for i in identity_ids if i in found]
