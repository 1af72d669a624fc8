"""How long it takes to say of everybody at once who is one person.

    python benchmarks/rebuild.py [--edges 2000000]

A country of households with a fixed seed, in PostgreSQL as the application role with row-level security: people with
five or six identifiers, of whom some share a phone with their household, some were given a stranger's old number, and
some left a reception's phone. A thousand identities are stored with the wrong person. Measured is the planner over
arrays, in turn with the connected components of the same edges by scipy, and the whole way from tables to differences,
which are checked.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from dataclasses import fields
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import uvloop
from _harness import machine
from _harness.country import Country, load
from _harness.running import Platform, say
from chassis.database import Database
from profile_service.domain.id_rows import packed
from profile_service.domain.identity_settings import IdentitySettings
from profile_service.domain.partition import Edge, Facts
from profile_service.domain.whole_graph import Graph, Rebuilt, conflicts, decide, differences, rebuild
from profile_service.usecases.rebuild_people import PAGE, rebuild_people
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from waypost_dev import names

TURNS = 3
SETTINGS = IdentitySettings()


def facts_of(country: Country, rebuilt: Rebuilt) -> list[tuple[Any, Facts]]:
    """What would be read of components with a conflict."""
    graph = rebuilt.graph
    found = []
    for some in conflicts(rebuilt, PAGE):
        numbers = graph.ids.order[graph.ids.find(packed(some.identities))].tolist()
        keys = {i: country.key(n) for i, n in zip(some.identities, numbers, strict=True)}
        at = graph.at[some.edges].tolist()
        edges = [Edge(*ends, t, country.message(t)) for ends, t in zip(some.ends, at, strict=True)]
        found.append((some, Facts(keys, edges)))
    return found


def plan(graph: Graph, facts: list[tuple[Any, Facts]]) -> Rebuilt:
    found = rebuild(graph, SETTINGS)
    for some, mine in facts:
        decide(found, some, mine, SETTINGS)
    differences(found)
    return found


def beside_scipy(country: Country, graph: Graph) -> tuple[Rebuilt, float, float]:
    """(people, planner seconds, scipy seconds), medians."""
    facts = facts_of(country, rebuild(graph, SETTINGS))
    mine, theirs = [], []
    size = len(graph.ids)
    for _ in range(TURNS):
        started = time.perf_counter()
        found = plan(graph, facts)
        mine.append(time.perf_counter() - started)
        started = time.perf_counter()
        ones = np.ones(len(graph.low), np.int8)
        connected_components(coo_array((ones, (graph.low, graph.high)), shape=(size, size)), directed=False)
        theirs.append(time.perf_counter() - started)
        say(f"planner {mine[-1]:.2f} s, scipy's components {theirs[-1]:.2f} s")
    return found, statistics.median(mine), statistics.median(theirs)


async def measure(platform: Platform, edges: int) -> dict[str, Any]:
    country = Country(edges)
    graph = country.graph()
    say(f"{len(graph.ids):,} identifiers, {len(graph.low):,} edges")
    found, planner_s, scipy_s = beside_scipy(country, graph)
    say(
        f"{found.conflict.sum():,} identifiers in conflict, {np.count_nonzero(found.refusal):,} edges refused"
    )
    wrong = country.store(found)
    owner = await asyncpg.connect(platform.database_url("profile", "owner"))
    try:
        await load(owner, UUID(platform.workspace_id), country)
    finally:
        await owner.close()
    database = Database(platform.database_url("profile"), 4)
    await database.start()
    started = time.perf_counter()
    differ = await rebuild_people(database, UUID(platform.workspace_id), SETTINGS)
    took = time.perf_counter() - started
    await database.stop()
    again = differ.rebuilt
    say(f"from tables to differences in {took:.1f} s")
    refused = np.count_nonzero(found.refusal)
    if not np.count_nonzero(again.refusal) == len(differ.edges) == refused:
        raise RuntimeError(f"{len(differ.edges)} edges differ, {refused} are refused")
    if missing := set(wrong) - set(again.graph.ids.ids(differ.regrouped)):
        raise RuntimeError(f"{len(missing)} identities stored with the wrong person were not found")
    return {
        "values": {
            f"rebuild_{edges / 1e6:g}m_s": round(took, 1),
            "in_conflict": int(found.conflict.sum()),
            "refused": int(refused),
            "arrays_mb": round(_size(again.graph) / 1e6),
        },
        "limits": {"scipy_components_s": round(scipy_s, 3), "rebuild_plan_s": round(planner_s, 3)},
        "ratios": {"rebuild_plan_over_scipy": round(planner_s / scipy_s, 1)},
    }


def _size(graph: Graph) -> int:
    """Bytes of what is held of the whole workspace."""
    columns = [
        graph.ids.order,
        *(getattr(graph, f.name) for f in fields(graph) if f.name not in ("ids", "never")),
    ]
    return sum(column.nbytes for column in columns) + 3 * graph.ids.order.nbytes


async def main(arguments: argparse.Namespace) -> None:
    about = machine.describe()
    # Both idle: the gateway brings the workspace, profile its schema.
    async with Platform.start(without=set(names.ALL) - {"gateway", "profile"}) as platform:
        found = await measure(platform, arguments.edges)
    print(json.dumps({"name": "rebuild", **found, "machine": about}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--edges", type=int, default=2_000_000)
    # As a service does.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main(parser.parse_args())))
