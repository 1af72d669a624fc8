"""Whether people are stored as all stored facts say."""

from collections.abc import Hashable, Set
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from chassis.database import Database

from profile_service.domain.identity_settings import IdentitySettings
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
    graph = found.rebuilt.graph
    checked = Checked(
        len(graph.ids),
        len(graph.low),
        len(np.unique(found.rebuilt.group)),
        int(np.count_nonzero(found.rebuilt.refusal != ACCEPTED)),
        len(found.regrouped),
        len(found.edges),
        len(found.suspected),
    )
    if not 0 < checked.misplaced + checked.misjudged + checked.unsuspected <= MOST_DOUBTED:
        return checked
    # What a batch wrote while it was read differs once; what is wrong differs again.
    once = _named(found)
    del found, graph
    twice = _named(await rebuild_people(database, workspace_id, settings, anew=False))
    misplaced, misjudged, unsuspected = (len(a & b) for a, b in zip(once, twice, strict=True))
    return replace(checked, misplaced=misplaced, misjudged=misjudged, unsuspected=unsuspected)


def _named(found: Differences) -> tuple[Set[Hashable], ...]:
    graph = found.rebuilt.graph
    return (
        set(graph.ids.ids(found.regrouped)),
        set(pairs(graph, found.edges)),
        set(graph.ids.ids(found.suspected)),
    )
