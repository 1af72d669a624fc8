"""The pure part: which of the memberships heard of are news, and who moved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID


class Membership(NamedTuple):
    """`identity_id` belongs to person `profile_id` (number `profile_no`) since `version`. A named tuple, because one
    is made for every record."""

    identity_id: UUID
    profile_id: UUID
    profile_no: int
    version: int


@dataclass(frozen=True, slots=True)
class Moved:
    """An identity known under one person is now known under another."""

    identity_id: UUID
    from_profile_id: UUID
    to: Membership


def newest(changes: Iterable[Membership]) -> dict[UUID, Membership]:
    """The change with the highest version for each identity; the order of the input does not matter."""
    best: dict[UUID, Membership] = {}
    for change in changes:
        other = best.get(change.identity_id)
        if other is None or change.version > other.version:
            best[change.identity_id] = change
    return best


def plan_changes(
    known: Mapping[UUID, Membership], changes: Mapping[UUID, Membership]
) -> tuple[dict[UUID, Membership], list[Moved]]:
    """What to store (unknown identities and newer versions) and who moved by it."""
    fresh: dict[UUID, Membership] = {}
    moved: list[Moved] = []
    for identity_id, change in changes.items():
        old = known.get(identity_id)
        if old is not None and change.version <= old.version:
            continue
        fresh[identity_id] = change
        if old is not None and old.profile_id != change.profile_id:
            moved.append(Moved(identity_id, old.profile_id, change))
    return fresh, moved
