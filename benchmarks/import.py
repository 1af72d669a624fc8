"""How fast a file becomes people: from its upload until the last row is stored by profile.

    python benchmarks/import.py [--rows 200000] [--without scoring,journey]

First everybody is new, then the same file comes once more, as another import. Everything shares the machine:
PostgreSQL, NATS, the services. `peak_mb` is the gateway's, which reads the file.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
from _harness import import_rows, machine
from _harness.import_rows import RowLimit
from _harness.running import Backlog, Platform, say

POLL_S = 0.5
LIMIT_ROWS = 20_000


async def load(platform: Platform, rows: int, name: str) -> tuple[float, float]:
    """(rows a second, seconds of it that the upload took)."""
    headers = {"Authorization": f"Bearer {platform.secret_key}"}
    query = {"name": name, "mapping": json.dumps(import_rows.MAPPING, ensure_ascii=False)}
    began = time.perf_counter()
    async with aiohttp.ClientSession(platform.stack.url, headers=headers) as session:
        async with session.post("/v1/imports", params=query, data=import_rows.file(rows)) as answer:
            found = await answer.json()
            if answer.status != 202:
                raise RuntimeError(f"/v1/imports answered {answer.status}: {found}")
        uploaded = time.perf_counter() - began
        job, said = found["job"], time.perf_counter()
        while job["state"] in ("queued", "running"):
            await asyncio.sleep(POLL_S)
            async with session.get(f"/v1/jobs/{job['job_id']}") as answer:
                job = await answer.json()
            if time.perf_counter() - said > 10:
                said = time.perf_counter()
                say(f"  {job['progress']:.0%}  {job['counts'].get('sent', 0):,} sent  eta {job['eta_s']} s")
    if job["state"] != "done" or job["counts"]["sent"] != rows:
        raise RuntimeError(f"the import ended otherwise: {job}")
    return rows / (time.perf_counter() - began), uploaded


def peak_mb(pid: int) -> float:
    """The most memory that the process ever had."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel does not tell the peak")


async def run(arguments: argparse.Namespace) -> dict[str, Any]:
    on = machine.describe()
    say(f"{on['cores']} cores, {on['cpu']}, load before {on['load_before']}")
    values: dict[str, float] = {}
    async with Platform.start(arguments.without) as platform:
        gateway = platform.stack.pid("gateway")
        idle = peak_mb(gateway)
        limit = RowLimit(
            platform.database_url("profile"), platform.database_url("profile", "owner"), platform.workspace_id
        )
        await limit.prepare()
        for name, figure in (("new", "rows_per_s"), ("known", "known_rows_per_s")):
            say(f"{figure}: {arguments.rows:,} rows")
            await limit.measure(LIMIT_ROWS)
            meter, began = platform.cpu(), time.perf_counter()
            values[figure], uploaded = await load(platform, arguments.rows, name)
            say(f"  {values[figure]:,.0f} rows/s, upload {uploaded:.1f} s")
            say(f"  cpu: {meter.say(time.perf_counter() - began)}")
            async with Backlog.open(platform.nats_url) as backlog:
                await backlog.drained()
        await limit.measure(LIMIT_ROWS)
        stored = await import_rows.people_stored(platform.database_url("profile"), platform.workspace_id)
        if stored != arguments.rows:
            raise RuntimeError(f"{stored} people are stored of {arguments.rows}")
        values["peak_mb"] = peak_mb(gateway)
        values["grown_mb"] = values["peak_mb"] - idle
    values = {name: round(value) for name, value in values.items()}
    ratios = {
        "new_over_insert": round(values["rows_per_s"] / limit.per_s, 3),
        "known_over_insert": round(values["known_rows_per_s"] / limit.per_s, 3),
    }
    limits = {"insert_per_s": round(limit.per_s)}
    return {"name": "import", "values": values, "limits": limits, "ratios": ratios, "machine": on}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument(
        "--without",
        type=lambda text: [part for part in text.split(",") if part],
        default=[],
        help="services to leave out, to see their cost",
    )
    print(json.dumps(asyncio.run(run(parser.parse_args()))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
