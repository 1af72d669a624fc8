"""Who is one person, whole: Febrl 1 in five orders and five batch sizes, a town of many families, two hundred
histories of facts and decisions, and two hundred of facts, decisions, settings and crashes, against the plain way.
Writes docs/proofs/identity.json."""

import json
import random
from pathlib import Path

from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.database import Database
from chassis.ids import new_id

from tests.conftest import Databases, Templates
from tests.integration.profile import test_decide_people, test_febrl, test_people_laws, test_people_machine
from tests.integration.profile.harness import Profile
from tests.integration.profile.test_households import check_town

RESULT = Path(__file__).parents[2] / "docs" / "proofs" / "identity.json"
FAMILIES = 150
HISTORIES = 200


def note(name: str, value: object) -> None:
    known = json.loads(RESULT.read_text()) if RESULT.exists() else {"proof": "who is one person"}
    RESULT.write_text(json.dumps(known | {name: value}, indent=2, sort_keys=True) + "\n")


async def test_febrl_in_any_order_and_batching(
    databases: Databases, ciphers: Ciphers, clock: ManualClock
) -> None:
    database = await databases("profile")
    found = set()
    for seed in range(5):
        rows = test_febrl.people()
        random.Random(seed).shuffle(rows)
        for size in (1, 7, 61, 250, 500):
            profile = Profile(database, ciphers, clock, new_id())
            pairs = await test_febrl.link(profile, rows, size)
            right = sum(len({test_febrl.number(r) for r in pair}) == 1 for pair in pairs)
            found.add((len(pairs), right))
    note("febrl_1", {"runs": 25, "pairs": test_febrl.PAIRS, "found_and_right": sorted(found)})
    assert found == {(test_febrl.PAIRS, test_febrl.PAIRS)}


async def test_a_town_of_many_families(databases: Databases, ciphers: Ciphers, clock: ManualClock) -> None:
    profile = Profile(await databases("profile"), ciphers, clock, new_id())
    note("town", await check_town(profile, FAMILIES, seed=7, size=200))


async def test_many_histories(databases: Databases, ciphers: Ciphers, clock: ManualClock) -> None:
    laws = test_people_laws.test_any_order_and_batching_come_to_what_the_plain_way_does
    decided = test_decide_people.test_decisions_and_facts_in_any_turn_come_to_what_the_plain_way_does
    kept: list[Database] = []

    async def the_one(_service: str) -> Database:
        """Each history is a workspace: a database each would be two hundred pools at once, and one for all is slow, since
        what the tests ask looks at all of them."""
        return kept[-1]

    for seed in range(1000, 1000 + HISTORIES):
        if seed % 10 == 0:
            kept.append(await databases("profile"))
        await laws(the_one, ciphers, clock, seed)
        await decided(the_one, ciphers, clock, seed)
    note(
        "histories",
        {**test_people_laws.SEEN, **{f"decided_{k}": n for k, n in test_decide_people.SEEN.items()}},
    )


def test_whatever_happens(templates: Templates, ciphers: Ciphers) -> None:
    test_people_machine.play(templates, ciphers, examples=HISTORIES, steps=20)
    note("machine", dict(test_people_machine.SEEN))
