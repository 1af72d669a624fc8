"""How many events a second are accepted, how many are processed, and how long a lone event takes to a message.

    python benchmarks/ingest.py [--seconds 60] [--phase a,b,c] [--rate 5000] [--known 50000]

Phases run in the order c, b, a: the quiet one first, and last the one that leaves a backlog nobody will work off.
Everything shares the machine: PostgreSQL, NATS, the services, the load generator.
"""

import argparse
import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from _harness import bodies, lone, machine
from _harness.limits import InsertLimit
from _harness.running import Backlog, Platform, say
from waypost_dev import names

BATCH = 500
LIMIT_SHARE = 6
"""The bare inserts before and after phase b take a sixth of its length each."""
WARM_UP_S = 5.0


@dataclass
class Figures:
    values: dict[str, float] = field(default_factory=dict)
    limits: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)


async def acceptance(platform: Platform, seconds: float, figures: Figures) -> None:
    """Phase a: closed loop against gateway, NATS and PostgreSQL alone."""
    say("a: acceptance, work roles stopped")
    for service in names.SERVICES:
        if service in platform.running():
            await platform.stack.stop_process(service)
    sizes = ((500, 8, "accepted_per_s_500"), (20, 32, "accepted_per_s_20"), (1, 64, "requests_per_s_1"))
    people = {"run": "a", "known": 100_000, "newcomers": 0.1}
    for size, connections, name in sizes:
        orders = {"mode": "closed", "size": size, "connections": connections, **people}
        await platform.load(**orders, seconds=min(WARM_UP_S, seconds / 4))
        meter = platform.cpu()
        found = await platform.load(**orders, seconds=seconds)
        took = found["last_at"] - found["first_at"]
        figures.values[name] = round(found["accepted"] / took)
        say(f"  {name} {figures.values[name]:,}  answer p50 {found['p50_ms']} ms p99 {found['p99_ms']} ms")
        say(f"  cpu: {meter.say(took)}  generator {found['cpu_s'] / took:.0%}")


async def processing(platform: Platform, seconds: float, rate: float, known: int, figures: Figures) -> None:
    """Phase b: open loop at `rate`, until everybody downstream has caught up."""
    say(f"b: processing, {rate:,.0f} events a second offered in batches of {BATCH}, {known:,} people known")
    people = bodies.People("b", known, 0.1)
    async with Backlog.open(platform.nats_url) as backlog:
        await platform.post_all(bodies.introductions(people, BATCH))
        await backlog.drained()
        limit = InsertLimit(
            platform.database_url("profile"), platform.database_url("profile", "owner"), platform.workspace_id
        )
        await limit.prepare()
        say(f"  bare inserts before: {await limit.measure(seconds / LIMIT_SHARE):,.0f} rows/s")
        before = await _events_stored(platform)
        meter = platform.cpu()
        watching = asyncio.create_task(_watch(backlog))
        found = await platform.load(
            mode="open", size=BATCH, connections=16, run="b", known=known, newcomers=0.1, rate=rate,
            seconds=seconds,
        )  # fmt: skip
        watching.cancel()
        await backlog.drained()
        ended = time.time()
        say(f"  cpu: {meter.say(ended - found['first_at'])}  generator {found['cpu_s'] / seconds:.0%}")
        say(f"  answers: p50 {found['p50_ms']} ms, p99 {found['p99_ms']} ms from when they were due")
        say(f"  bare inserts after: {await limit.measure(seconds / LIMIT_SHARE):,.0f} rows/s")
    after = await _events_stored(platform)
    for service, count in after.items():
        if count - before[service] != found["accepted"]:
            raise RuntimeError(f"{service} stored {count - before[service]} of {found['accepted']} events")
    figures.values["processed_per_s"] = round(found["accepted"] / (ended - found["first_at"]))
    figures.values["drain_s"] = round(ended - found["last_at"], 2)
    figures.limits["insert_per_s"] = round(limit.per_s)
    figures.ratios["processed_over_insert"] = round(figures.values["processed_per_s"] / limit.per_s, 3)
    say(f"  processed_per_s {figures.values['processed_per_s']:,}  drain_s {figures.values['drain_s']}")


async def lone_event(platform: Platform, seconds: float, figures: Figures) -> None:
    """Phase c: 20 events a second, one by one, each ends in a message."""
    say("c: a lone event, 20 a second, nothing else going on")
    warm = round(WARM_UP_S * lone.PER_SECOND)
    await lone.introduce(platform, warm + round(seconds * lone.PER_SECOND))
    async with Backlog.open(platform.nats_url) as backlog:
        await backlog.drained()
    await lone.measure(platform, WARM_UP_S)
    meter = platform.cpu()
    delays = await lone.measure(platform, seconds, first=warm)
    lone.tell(delays)
    say(f"  cpu: {meter.say(seconds)}")
    figures.values["lone_event_to_message_p50_ms"] = lone.quantile(delays.message_ms, 0.5)
    figures.values["lone_event_to_message_p99_ms"] = lone.quantile(delays.message_ms, 0.99)


async def _watch(backlog: Backlog) -> None:
    while True:
        await asyncio.sleep(5)
        behind = await backlog.read()
        say("  behind, messages: " + "  ".join(f"{name} {n}" for name, n in sorted(behind.items())))


async def _events_stored(platform: Platform) -> dict[str, int]:
    """Service → events it holds, so that a figure never counts what was lost or stored twice. Journey stores only
    what some journey asks about."""
    found: dict[str, int] = {}
    for service in ("profile", "segment"):
        connection = await asyncpg.connect(platform.database_url(service))
        try:
            await connection.execute(f"SET app.workspace_id = '{platform.workspace_id}'")
            found[service] = await connection.fetchval("SELECT count(*) FROM events")
        finally:
            await connection.close()
    return found


async def run(arguments: argparse.Namespace) -> dict[str, Any]:
    on = machine.describe()
    say(f"{on['cores']} cores, {on['cpu']}, load before {on['load_before']}")
    figures = Figures()
    seconds = arguments.seconds
    async with Platform.start(arguments.without) as platform:
        await lone.make_journey(platform)
        await platform.make_segment()
        if "c" in arguments.phase:
            await lone_event(platform, seconds, figures)
        if "b" in arguments.phase:
            await processing(platform, seconds, arguments.rate, arguments.known, figures)
        if "a" in arguments.phase:
            await acceptance(platform, seconds, figures)
    found = {"values": figures.values, "limits": figures.limits, "ratios": figures.ratios}
    return {"name": "ingest", **found, "machine": on}


def main() -> int:
    def listed(text: str) -> list[str]:
        return [part for part in text.split(",") if part]

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="length of each measurement")
    parser.add_argument("--phase", type=listed, default=["a", "b", "c"], help="some of a,b,c")
    parser.add_argument("--rate", type=float, default=5000, help="events a second offered in phase b")
    parser.add_argument("--known", type=int, default=50_000, help="people known before phase b")
    parser.add_argument("--without", type=listed, default=[], help="services to leave out, to see their cost")
    print(json.dumps(asyncio.run(run(parser.parse_args()))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
