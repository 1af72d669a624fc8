"""The OpenAPI document whole: many calls an operation and mode, several seeds; writes docs/proofs/openapi.json."""

import json
import time
from collections import Counter
from pathlib import Path

from waypost_dev.stack import Stack

from tests.e2e.owner import Owner
from tests.e2e.speaking import speak_by_the_document
from tests.e2e.tenants import tenants

SEEDS = 3
EXAMPLES = 25
RESULT = Path(__file__).parents[2] / "docs" / "proofs" / "openapi.json"


async def test_every_route_answers_as_documented_many_times(tmp_path: Path) -> None:
    started = time.monotonic()
    statuses: Counter[int] = Counter()
    failures: set[str] = set()
    operations: set[str] = set()
    stack = Stack(tmp_path)
    await stack.start()
    try:
        async with tenants(stack, SEEDS) as found:
            for start, tenant in enumerate(found):
                owner = Owner(tenant, f"spoken{start}")
                await owner.move_in()
                spoken = await speak_by_the_document(tenant, EXAMPLES, start + 1, owner.path)
                operations |= set(spoken.statuses)
                statuses.update(sum(spoken.statuses.values(), Counter()))
                failures.update(spoken.failures)
    finally:
        await stack.stop()
        stack.engines.erase()
    result = {
        "proof": "every operation answers as the OpenAPI document says",
        "operations": len(operations),
        "calls": statuses.total(),
        "statuses": dict(sorted(statuses.items())),
        "answers_against_the_document": len(failures),
        "seconds": round(time.monotonic() - started),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    assert not failures, "\n\n".join(sorted(failures))
