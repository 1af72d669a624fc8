"""The kill proof whole: a larger town, three rounds of killing every process; writes docs/proofs/kills.json."""

import json
import time
from collections import Counter
from pathlib import Path

from waypost_dev.stack import Stack

from tests.e2e.conftest import client_of, handset_messages
from tests.e2e.test_kills import kill_each
from tests.scenario import Outcome, Town, observe, settle

ROUNDS = 3
RESULT = Path(__file__).parents[2] / "docs" / "proofs" / "kills.json"


async def test_three_rounds_of_killing_every_process_change_nothing(tmp_path: Path) -> None:
    town = Town(size=3000, carts=300, patience="10m")
    started = time.monotonic()
    stack = Stack(tmp_path)
    await stack.start()
    try:
        async with client_of(stack) as client:
            await town.set_up(client)

            async def disturb() -> None:
                for _ in range(ROUNDS):
                    await kill_each(stack)

            await town.play(client, disturb)
            await settle(stack, client, seconds=1500)
            found = await observe(stack, client, await handset_messages(stack))
    finally:
        await stack.stop("immediate")
        stack.engines.erase()
    expected = town.expected()
    _write(found, expected, time.monotonic() - started)
    assert found == expected


def _write(found: Outcome, expected: Outcome, seconds: float) -> None:
    lost = expected.events - found.events
    doubled = Counter({key: count for key, count in found.events.items() if count > 1})
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    result = {
        "proof": "every process killed in turn",
        "rounds": ROUNDS,
        "people": len(found.people),
        "events": found.events.total(),
        "events_lost": lost.total(),
        "events_doubled": doubled.total(),
        "handset_messages": found.handsets.total(),
        "handset_messages_expected": expected.handsets.total(),
        "equal_to_expected": found == expected,
        "seconds": round(seconds),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
