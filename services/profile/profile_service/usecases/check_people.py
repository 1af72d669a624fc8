"""Whether people are stored as all stored facts say."""

from dataclasses import dataclass
from uuid import UUID

import numpy as np
from chassis.database import Database

from profile_service.domain.id_rows import Places
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.domain.partition import Pair
from profile_service.domain.whole_graph import ACCEPTED, Differences, pairs
from profile_service.usecases.rebuild_people import rebuild_people

MOST_DOUBTED = 10_000
"""More differences than that are no batches that were written meanwhile."""


@dataclass(frozen=True, slots=True)
class Checked:
    identifiers: int
    links: int
    people: int
    refused: int
    misplaced: int
    misjudged: int
    unsuspected: int


async def check_people(database: Database, workspace_id: UUID, settings: IdentitySettings) -> Checked:
    """Who is under suspicion stays so until somebody looks at it: that the facts do not ask for it any more is no
    difference."""
    found = await rebuild_people(database, workspace_id, settings, anew=False)
    rebuilt = found.rebuilt
    counts = [len(found.regrouped), len(found.edges), len(found.suspected)]
    if 0 < sum(counts) <= MOST_DOUBTED:
        # What a batch wrote while it was read differs once; what is wrong differs again.
        again = await rebuild_people(database, workspace_id, settings, anew=False)
        counts = [
            len(_ids(found, found.regrouped) & _ids(again, again.regrouped)),
            len(_links(found) & _links(again)),
            len(_ids(found, found.suspected) & _ids(again, again.suspected)),
        ]
    return Checked(
        len(rebuilt.graph.ids),
        len(rebuilt.graph.low),
        len(np.unique(rebuilt.group)),
        int(np.count_nonzero(rebuilt.refusal != ACCEPTED)),
        *counts,
    )


def _ids(found: Differences, rows: Places) -> set[UUID]:
    return set(found.rebuilt.graph.ids.ids(rows))


def _links(found: Differences) -> set[Pair]:
    return set(pairs(found.rebuilt.graph, found.edges))
