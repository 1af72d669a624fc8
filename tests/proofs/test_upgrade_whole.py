"""The upgrade proof whole: a larger town lives through it; writes docs/proofs/upgrade.json."""

import json
import time
from collections import Counter
from pathlib import Path

from tests.e2e.test_upgrade import upgraded
from tests.releases import previous
from tests.scenario import Town

RESULT = Path(__file__).parents[2] / "docs" / "proofs" / "upgrade.json"


async def test_an_upgrade_in_the_middle_of_a_large_towns_life_changes_nothing(tmp_path: Path) -> None:
    old = previous()
    town = Town(size=3000, carts=300, patience="4m")
    started = time.monotonic()
    found = await upgraded(tmp_path, town, old, seconds=900)
    expected = town.expected()
    doubled = Counter({key: count for key, count in found.events.items() if count > 1})
    result = {
        "proof": "two releases side by side, the older one then leaves",
        "older": old.name,
        "people": len(found.people),
        "events": found.events.total(),
        "events_lost": (expected.events - found.events).total(),
        "events_doubled": doubled.total(),
        "handset_messages": found.handsets.total(),
        "handset_messages_expected": expected.handsets.total(),
        "equal_to_expected": found == expected,
        "seconds": round(time.monotonic() - started),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    assert found == expected
