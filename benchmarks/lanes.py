"""How much a bulk import delays a lone live event on its way to a message, and how fast the import goes meanwhile.

    python benchmarks/lanes.py [--seconds 60] [--rate 20] [--import-rate 3000] [--known 50000]

The same open loop of live triggers runs twice: alone, and while /v1/batch takes an import in the bulk lane. A delay
counts from when the trigger was due, so a platform that falls behind shows it. Everything shares the machine.
"""

import argparse
import asyncio
import json
import sys
import time
from typing import Any

import asyncpg
from _harness import bodies, lone, machine
from _harness.running import Backlog, Platform, say

BATCH = 200
"""Rows of one request of the import: what one bulk message may carry."""
WARM_UP_S = 5.0


async def compare(platform: Platform, arguments: argparse.Namespace) -> dict[str, Any]:
    seconds, rate = arguments.seconds, arguments.rate
    people = bodies.People("l", arguments.known, 0.1)
    await lone.make_journey(platform)
    await platform.make_segment()
    warm, each = round(WARM_UP_S * rate), round(seconds * rate)
    await lone.introduce(platform, warm + 2 * each)
    await platform.post_all(bodies.introductions(people, BATCH))
    async with Backlog.open(platform.nats_url) as backlog:
        await backlog.drained()
        await lone.measure(platform, WARM_UP_S, rate=rate)
        say(f"live triggers, {rate} a second, alone")
        alone = await _measured(platform, seconds, rate, warm)
        say(f"the same beside an import of {arguments.import_rate:,.0f} rows a second in the bulk lane")
        importing = asyncio.create_task(
            platform.load(
                mode="open", size=BATCH, connections=4, run=people.run, known=people.known, lane="bulk",
                newcomers=people.newcomers, rate=arguments.import_rate, seconds=seconds + 2 * WARM_UP_S,
            )
        )  # fmt: skip
        await _until_imported(platform, importing)
        before, began = await _events_stored(platform), time.monotonic()
        beside = await _measured(platform, seconds, rate, warm + each)
        imported = (await _events_stored(platform) - before - each) / (time.monotonic() - began)
        await importing
        ended = time.monotonic()
        await backlog.drained()
    say(f"import: {imported:,.0f} rows/s stored, {time.monotonic() - ended:.1f} s behind when it ended")
    values = {
        f"{name}_p{share * 100:g}_ms": lone.quantile(delays.message_ms, share)
        for name, delays in (("live_alone", alone), ("live_beside_import", beside))
        for share in (0.5, 0.99)
    }
    return {
        "values": {**values, "import_rows_per_s": round(imported)},
        "limits": {"import_offered_per_s": arguments.import_rate},
        "ratios": {
            f"live_p{share:g}_over_alone": round(
                values[f"live_beside_import_p{share:g}_ms"] / values[f"live_alone_p{share:g}_ms"], 2
            )
            for share in (50, 99)
        },
    }


async def _measured(platform: Platform, seconds: float, rate: float, first: int) -> lone.Delays:
    meter = platform.cpu()
    delays = await lone.measure(platform, seconds, first, rate)
    lone.tell(delays)
    say(f"  cpu: {meter.say(seconds)}")
    return delays


async def _until_imported(platform: Platform, importing: "asyncio.Task[Any]") -> None:
    """The import is under way once its rows are being stored."""
    before = await _events_stored(platform)
    while await _events_stored(platform) < before + 10 * BATCH:
        if importing.done():
            raise RuntimeError("the import ended before any of it was stored")
        await asyncio.sleep(0.1)


async def _events_stored(platform: Platform) -> int:
    connection = await asyncpg.connect(platform.database_url("profile"))
    try:
        await connection.execute(f"SET app.workspace_id = '{platform.workspace_id}'")
        return int(await connection.fetchval("SELECT count(*) FROM events"))
    finally:
        await connection.close()


async def run(arguments: argparse.Namespace) -> dict[str, Any]:
    on = machine.describe()
    say(f"{on['cores']} cores, {on['cpu']}, load before {on['load_before']}")
    async with Platform.start() as platform:
        return {"name": "lanes", **await compare(platform, arguments), "machine": on}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="length of each measurement")
    parser.add_argument("--rate", type=float, default=lone.PER_SECOND, help="live triggers a second")
    parser.add_argument("--import-rate", type=float, default=3000, help="rows a second offered in bulk")
    parser.add_argument("--known", type=int, default=50_000, help="people known before")
    print(json.dumps(asyncio.run(run(parser.parse_args()))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
