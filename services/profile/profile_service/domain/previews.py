"""What calls would do to the people that there are, told from who has their identifiers before and after."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

NOBODY = "identifier_missing"


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    JOINED = "joined"
    KEPT_APART = "kept_apart"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Preview:
    outcome: Outcome
    people: int = 0
    """How many are joined or kept apart."""
    reason: str = ""
    """Of a refusal, or of people being kept apart."""


@dataclass(frozen=True, slots=True)
class Touched:
    """The people behind a call's identifiers."""

    before: frozenset[UUID]
    after: frozenset[UUID]
    refused: str = ""
    """Why the call is not stored."""
    apart: str = ""
    """Why its people are not one."""


def previews(calls: Iterable[Touched]) -> Iterator[Preview]:
    """What each call of a batch does, those before it considered: a person is created and joined once."""
    # Person of the end → the people of the beginning who were met in them so far.
    met: dict[UUID, frozenset[UUID]] = {}
    for call in calls:
        if call.refused or not call.after:
            yield Preview(Outcome.REFUSED, reason=call.refused or NOBODY)
        elif len(call.after) > 1:
            yield Preview(Outcome.KEPT_APART, len(call.after), call.apart)
        else:
            [person] = call.after
            known = met.get(person)
            met[person] = everybody = (known or frozenset()) | call.before
            if known is None and not call.before:
                yield Preview(Outcome.CREATED, 1)
            elif len(everybody) > max(1, len(known or ())):
                yield Preview(Outcome.JOINED, len(everybody))
            else:
                yield Preview(Outcome.UPDATED, 1)
