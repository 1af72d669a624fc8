"""Compares who is stored as one person with what all stored facts of the workspace say. Nothing is written or held."""

import asyncio
from uuid import UUID

from chassis.database import Database

from profile_service.domain.id_rows import packed
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.domain.partition import Facts
from profile_service.domain.whole_graph import (
    Conflicts,
    Differences,
    Graph,
    conflicts,
    decide,
    differences,
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
    deciding: asyncio.Future[None] | None = None
    for some in conflicts(rebuilt, PAGE):
        # Read while those before are decided.
        facts = await _facts(database, workspace_id, known, some)
        if deciding is not None:
            await deciding
        deciding = asyncio.ensure_future(asyncio.to_thread(decide, rebuilt, some, facts, settings))
    if deciding is not None:
        await deciding
    return await asyncio.to_thread(differences, rebuilt)


async def _facts(database: Database, workspace_id: UUID, known: Graph, some: Conflicts) -> Facts:
    released = known.released[known.ids.find(packed(some.identities))]
    async with database.transaction(workspace_id, keyed=True) as tx:
        keys = await whole_graph.keys_of(tx, some.identities)
        edges = await whole_graph.edges_between(tx, some.ends)
        never = await graph.never_links(tx, some.identities)
    return Facts(
        keys,
        [e for e in edges if e.low in keys and e.high in keys],
        never,
        released={i for i, yes in zip(some.identities, released.tolist(), strict=True) if yes},
    )
