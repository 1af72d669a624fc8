"""Two planners over one cluster, a thousand times: no lost update, no duplicate person. Writes docs/proofs/planners.json."""

import asyncio
import json
import random
from pathlib import Path
from uuid import UUID

from chassis.clock import ManualClock
from chassis.crypto import Ciphers

from tests.conftest import Databases
from tests.integration.profile.harness import Profile, call, plain_way

TIMES = 1000
CALLS = 12
RESULT = Path(__file__).parents[2] / "docs" / "proofs" / "planners.json"
_CITIES = """
SELECT i.type, i.value_key, o.traits->>'city' AS city
FROM identifiers i JOIN identities o USING (workspace_id, identity_id) ORDER BY 1, 2
"""
_FACTS = "SELECT count(*), count(DISTINCT message_id), count(DISTINCT identity_id) FROM events"


def cluster(number: int, chooser: random.Random) -> list[bytes]:
    """Calls about a handful of identifiers that no other cluster has: who they are depends on all of them."""
    values = [f"c{number}-{n}" for n in range(4)]
    kinds = ("member_id", "wechat_unionid", "device_id", "user_id")
    found = []
    for n in range(CALLS):
        chosen = {f"{kind}:{chooser.choice(values)}" for kind in chooser.sample(kinds, chooser.randint(1, 2))}
        name = "Page Viewed" if n % 2 else ""
        found.append(call(f"m{number}-{n}", *sorted(chosen), name=name, at=n, city=f"city{n}"))
    return found


async def test_two_planners_over_one_cluster_a_thousand_times(
    databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID
) -> None:
    database = await databases("profile")
    alone = Profile(await databases("profile"), ciphers, clock, workspace_id)
    replicas = [Profile(database, ciphers, clock, workspace_id) for _ in range(2)]
    chooser = random.Random(11)
    everything: list[bytes] = []
    raced = 0
    for number in range(TIMES):
        records = cluster(number, chooser)
        everything += records
        heard = await asyncio.gather(*(_plan(one, records, chooser.randrange(2**32)) for one in replicas))
        # Each call was new to exactly one of the two; where both had some, they met.
        assert sum(heard) == CALLS
        raced += all(heard)
        await alone.take(*records)
    found = await replicas[0].partition()
    expected = plain_way(everything).people()
    async with database.transaction(workspace_id) as tx:
        cities = await tx.fetch(_CITIES)
        events, messages, _ = await tx.fetchrow(_FACTS)
        split = await tx.fetchval(
            "SELECT count(*) FROM (SELECT FROM memberships GROUP BY profile_id "
            "HAVING min(profile_no) <> max(profile_no)) AS torn"
        )
    async with alone.database.transaction(workspace_id) as tx:
        cities_alone = await tx.fetch(_CITIES)
    print(
        f"two planners: {TIMES} clusters, both had a part in {raced} ({raced / TIMES:.0%}), {len(found)} people"
    )
    result = {
        "proof": "two planners over one cluster",
        "times": TIMES,
        "both_had_a_part": raced,
        "people": len(found),
        "people_expected": len(expected),
        "events": events,
        "events_expected": TIMES * CALLS // 2,
        "people_with_two_numbers": split,
        "traits_lost": sum(a != b for a, b in zip(cities, cities_alone, strict=True)),
        "equal_to_expected": found == expected,
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    assert found == expected
    assert events == messages == TIMES * CALLS // 2
    assert split == 0
    assert cities == cities_alone
    assert raced > TIMES // 2


async def _plan(replica: Profile, records: list[bytes], seed: int) -> int:
    """The same calls in an order and in batches of this replica's own; how many were new to it."""
    chooser = random.Random(seed)
    mine = chooser.sample(records, len(records))
    new: set[str] = set()
    while mine:
        size = chooser.randint(1, 4)
        batch, mine = mine[:size], mine[size:]
        told = await replica.take(*batch)
        new |= {r.meta.record_id for r in told if r.HasField("event") or r.HasField("traits")}
    return len(new)
