"""Compares who is stored as one person with what all stored facts of the workspace say. Nothing is written or held."""

import asyncio
from uuid import UUID

from chassis.database import Database

from profile_service.domain.identity_settings import IdentitySettings
from profile_service.domain.partition import Facts
from profile_service.domain.whole_graph import (
    Conflicts,
    Differences,
    Rebuilt,
    conflicts,
    decide,
    differences,
    pairs,
    rebuild,
)
from profile_service.store import graph, whole_graph

PAGE = 10_000
"""Identities of components with a conflict that are looked at together."""


async def rebuild_people(
    database: Database, workspace_id: UUID, settings: IdentitySettings, *, anew: bool = True
) -> Differences:
    """`anew`: whoever is under suspicion is judged by the facts again, else they stay so. What is written meanwhile may
    show as a difference that is none: whoever acts on one plans it again under locks."""
    async with database.transaction(workspace_id) as tx:
        known = await whole_graph.read(tx, settings)
    rebuilt = await asyncio.to_thread(rebuild, known, settings, anew=anew)
    for some in conflicts(rebuilt, PAGE):
        facts = await _facts(database, workspace_id, rebuilt, some)
        await asyncio.to_thread(decide, rebuilt, some, facts, settings)
    return await asyncio.to_thread(differences, rebuilt)


async def _facts(database: Database, workspace_id: UUID, rebuilt: Rebuilt, some: Conflicts) -> Facts:
    known = rebuilt.graph
    ids = known.ids.ids(some.identities)
    released = known.released[some.identities]
    async with database.transaction(workspace_id, keyed=True) as tx:
        keys = await whole_graph.keys_of(tx, ids)
        edges = await whole_graph.edges_between(tx, pairs(known, some.edges))
        never = await graph.never_links(tx, ids)
    return Facts(
        keys,
        [e for e in edges if e.low in keys and e.high in keys],
        never,
        released={i for i, yes in zip(ids, released.tolist(), strict=True) if yes},
    )
