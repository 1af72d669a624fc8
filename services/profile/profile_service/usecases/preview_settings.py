"""What would become of people under other settings: the planner runs over those whose identifiers were named together
lately, and nothing is written or held."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from chassis.clock import Clock
from chassis.database import Tx

from profile_service.domain.identity import IdentityPlan, Merge, Split
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.queries import identity as queries
from profile_service.store import identifiers
from profile_service.usecases.load_slice import Loaded, News
from profile_service.usecases.settle_people import settle

MOST = 20_000
"""Strong identifiers that a dry run begins with."""
PAGE = 500
SAMPLES = 20
MOST_PEOPLE = 1_000
MOST_LEAVING = 500
"""Identities of one person, and ids under which they were known."""


@dataclass(slots=True)
class Leaving:
    identities: set[UUID] = field(default_factory=set)
    known_as: set[UUID] = field(default_factory=set)


@dataclass(slots=True)
class Preview:
    since: datetime
    identifiers: int = 0
    truncated: bool = False
    before: int = 0
    after: int = 0
    merges: list[Merge] = field(default_factory=list)
    splits: list[Split] = field(default_factory=list)
    largest: list[tuple[int, UUID]] = field(default_factory=list)
    """(strong identifiers, person), the largest first."""
    leaving: dict[UUID, Leaving] = field(default_factory=dict)
    """By the person they are with: identities that would be with somebody else."""
    refused: Counter[str] = field(default_factory=Counter)


class PreviewSettings:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def __call__(self, tx: Tx, settings: IdentitySettings, days: int) -> Preview:
        since = self._clock.now() - timedelta(days=days)
        touched = await queries.lately_named(tx, since, MOST + 1)
        found = Preview(since, truncated=len(touched) > MOST)
        seen: set[UUID] = set()
        for start in range(0, min(len(touched), MOST), PAGE):
            page = set(touched[start : start + PAGE]) - seen
            if page:
                loaded, plan = await settle(tx, News(strong=page), settings, locking=False)
                seen |= loaded.known.nodes.keys()
                _add(found, loaded, plan)
                await _add_leaving(tx, found, loaded, plan)
        found.identifiers = len(seen)
        found.largest = sorted(found.largest, reverse=True)[:SAMPLES]
        return found


def _add(found: Preview, loaded: Loaded, plan: IdentityPlan) -> None:
    known = loaded.known
    before = {known.members[i].profile_id for i in known.nodes}
    after = Counter(
        plan.people[i][1] if i in plan.people else known.members[i].profile_id for i in known.nodes
    )
    found.before += len(before)
    found.after += len(after)
    found.merges += plan.merges
    found.splits += plan.splits
    found.refused.update(refusal.reason for refusal in plan.refused.values())
    found.largest += [(size, person) for person, size in after.most_common(SAMPLES)]
    found.largest = sorted(found.largest, reverse=True)[:SAMPLES]


async def _add_leaving(tx: Tx, found: Preview, loaded: Loaded, plan: IdentityPlan) -> None:
    members = loaded.known.members
    away = {
        i: members[i].profile_id for i, (_, person) in plan.people.items() if members[i].profile_id != person
    }
    if not away:
        return
    for identity, person in away.items():
        found.leaving.setdefault(person, Leaving(known_as={person})).identities.add(identity)
    for member in await identifiers.members_of(tx, set(away.values())):
        leaving = found.leaving[member.profile_id]
        if member.through in away:
            leaving.identities.add(member.identity_id)
        # A person is known by one of theirs, at any time.
        leaving.known_as.add(member.identity_id)


def concerned(preview: Preview) -> Sequence[UUID]:
    """Everybody who would merge or split."""
    people: dict[UUID, None] = {}
    for merge in preview.merges:
        people |= dict.fromkeys((merge.winner_id, *merge.loser_ids))
    for split in preview.splits:
        people |= dict.fromkeys((split.from_id, split.to_id))
    return list(people)[:MOST_PEOPLE]
