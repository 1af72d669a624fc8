"""A million rows become a million people in bounded memory, though the gateway is killed three times on the way; writes
docs/proofs/import.json."""

import json
import time
from pathlib import Path
from typing import Any

import aiohttp
from waypost_dev.stack import Stack

from benchmarks._harness import import_rows
from tests.waiting import until

ROWS = 1_000_000
KILLED_AT = (0.1, 0.4, 0.8)
MOST_MB = 800
PATIENCE_S = 3_600.0
RESULT = Path(__file__).parents[2] / "docs" / "proofs" / "import.json"


def peak_mb(pid: int) -> float:
    """The most memory that the process ever had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


async def test_a_million_rows_are_loaded_though_the_gateway_dies_three_times(tmp_path: Path) -> None:
    started = time.monotonic()
    stack = Stack(tmp_path)
    await stack.start()
    try:
        async with aiohttp.ClientSession(
            stack.url, headers={"Authorization": f"Bearer {stack.env['WAYPOST_SECRET_KEY']}"}
        ) as session:
            result = await _load(stack, session)
    finally:
        await stack.stop("immediate")
        stack.engines.erase()
    result |= {
        "proof": "a file loaded though the gateway is killed",
        "seconds": round(time.monotonic() - started),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    assert (result["state"], result["sent"], result["people"], result["merges"]) == ("done", ROWS, ROWS, 0)
    assert result["peak_mb"] < MOST_MB


async def _load(stack: Stack, session: aiohttp.ClientSession) -> dict[str, Any]:
    mapping = json.dumps(import_rows.MAPPING, ensure_ascii=False)
    async with session.post(
        "/v1/imports", params={"mapping": mapping}, data=import_rows.file(ROWS)
    ) as answer:
        found = await answer.json()
        assert answer.status == 202, found
    job: dict[str, Any] = found["job"]
    peaks = []

    async def is_past(share: float) -> bool:
        async with session.get(f"/v1/jobs/{found['import_id']}") as answer:
            job.update(await answer.json())
        return bool(job["progress"] >= share or job["state"] in ("done", "failed"))

    for share in KILLED_AT:
        await until(lambda share=share: is_past(share), PATIENCE_S)
        peaks.append(peak_mb(stack.pid("gateway")))
        stack.kill("gateway")
        await stack.start_process("gateway")
        await stack.wait_ready("gateway", 60)

    async def has_ended() -> bool:
        await is_past(2.0)
        return job["state"] in ("done", "failed")

    await until(has_ended, PATIENCE_S)
    peaks.append(peak_mb(stack.pid("gateway")))
    async with session.get("/v1/identity/health") as answer:
        health = await answer.json()
    return {
        "rows": ROWS,
        "kills": len(KILLED_AT),
        "state": job["state"],
        "sent": job["counts"]["sent"],
        "people": await import_rows.people_stored(
            stack.environment.databases.url("profile", "app"), stack.env["WAYPOST_WORKSPACE_ID"]
        ),
        "merges": health["merge_count"],
        "peak_mb": round(max(peaks)),
    }
