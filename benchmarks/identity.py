"""How fast one profile process says who is one person: events of known people, new people, and calls that join people.

    python benchmarks/identity.py [--seconds 20] [--in-flight 4]

The handler of INGEST runs in this process as it does in profile's, batches of 500, several in hand at once, on PostgreSQL
as the application role, with row-level security and encryption. Known: events that name a user id and a cookie of theirs. New: each call is a person
with three identifiers, one of them sealed, and two traits. Merging: each call names two who were apart. Bare
`INSERT … unnest` of as many rows runs in turn with each.
"""

import argparse
import asyncio
import json
import math
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import uvloop
from _harness import machine
from _harness.limits import InsertLimit
from _harness.running import Platform, say
from chassis import heap
from chassis.bus import Source
from chassis.clock import SystemClock
from chassis.consumer import Batch
from chassis.crypto import Ciphers, FileKeyProvider
from chassis.database import Database
from chassis.lanes import LaneGate
from profile_service.phones import parse_phone
from profile_service.schemas import compile_schema
from profile_service.store.declared import Declarations
from profile_service.store.numbers import Numbers
from profile_service.store.settings_in_force import SettingsInForce
from profile_service.usecases.ingest_calls import IngestCalls
from profile_service.usecases.note_sources import SourceBook
from waypost.profile.v1 import ingest_pb2
from waypost_dev import names

BATCH = 500
KNOWN = 20_000
PAIRS_PER_S = 8_000
ROUND = 8
"""Batches made at a time."""
STRETCHES = 4
"""Of each kind, in turn with bare inserts."""
Make = Callable[[int], bytes]


class Process:
    """What a profile process does with INGEST."""

    def __init__(self, platform: Platform, database: Database, in_flight: int) -> None:
        self.workspace_id = UUID(platform.workspace_id)
        self._database = database
        self._in_flight = in_flight
        clock = SystemClock()
        self._handler = IngestCalls(
            Ciphers(FileKeyProvider(Path(platform.stack.env["WAYPOST_KEYS_FILE"]))),
            Numbers(database),
            clock,
            parse_phone,
            SettingsInForce(),
            Declarations(clock, compile_schema),
            SourceBook(database, LaneGate(1)),
        )

    async def take(self, records: list[bytes]) -> None:
        batch = Batch(self.workspace_id, Source("INGEST", "live", 0), records)
        await self._database.run(
            self.workspace_id, lambda tx: self._handler.apply(tx, batch, None), keyed=True
        )

    async def take_all(self, batches: Sequence[list[bytes]]) -> None:
        waiting = iter(batches)

        async def work() -> None:
            for records in waiting:
                await self.take(records)

        await asyncio.gather(*(work() for _ in range(self._in_flight)))

    async def run(
        self, make: Make, numbers: Iterator[int], seconds: float, most: float = math.inf
    ) -> tuple[int, float]:
        """(records, seconds), no more than `most` records; making them is not counted."""
        done, spent = 0, 0.0
        while spent < seconds and done + ROUND * BATCH <= most:
            batches = [[make(next(numbers)) for _ in range(BATCH)] for _ in range(ROUND)]
            started = time.perf_counter()
            await self.take_all(batches)
            spent += time.perf_counter() - started
            done += ROUND * BATCH
        return done, spent


def record(message: str, event: str, data: dict[str, Any], *identifiers: tuple[str, str]) -> bytes:
    kind = ingest_pb2.INGEST_KIND_TRACK if event else ingest_pb2.INGEST_KIND_IDENTIFY
    found = ingest_pb2.IngestRecord(kind=kind, name=event, source="bench")
    found.meta.record_id = message
    found.meta.event_time.GetCurrentTime()
    found.meta.accept_time.GetCurrentTime()
    for type_, value in identifiers:
        found.identifiers.add(type=type_, value=value)
    if event:
        found.properties_json = json.dumps(data).encode()
    else:
        found.traits_json = json.dumps(data).encode()
    return found.SerializeToString()


def introduce(n: int) -> bytes:
    return record(f"i{n}", "", {"city": "上海"}, ("user_id", f"u{n}"), ("anonymous_id", f"c{n}"))


def known(n: int) -> bytes:
    who = random.Random(n).randrange(KNOWN)
    shown = {"product_id": "sku-1234", "category": "kitchen", "price": 129.5, "list": "autumn"}
    return record(f"k{n}", "Product Viewed", shown, ("user_id", f"u{who}"), ("anonymous_id", f"c{who}"))


def new(n: int) -> bytes:
    traits = {"city": "杭州", "level": n % 5}
    return record(
        f"n{n}", "", traits,
        ("member_id", f"m{n}"), ("phone", f"+86139{n:08d}"), ("anonymous_id", f"x{n}"),
    )  # fmt: skip


def apart(n: int) -> bytes:
    """Two who merge later: 2n by a member id, 2n+1 by a CRM id."""
    kind = "crm_id" if n % 2 else "member_id"
    return record(f"a{n}", "", {"city": "北京"}, (kind, f"j{n // 2}"), ("anonymous_id", f"y{n}"))


def joining(n: int) -> bytes:
    return record(f"j{n}", "", {}, ("member_id", f"j{n}"), ("crm_id", f"j{n}"))


async def measure(platform: Platform, seconds: float, in_flight: int) -> dict[str, Any]:
    database = Database(platform.database_url("profile"), in_flight + 1)
    await database.start()
    inserts = InsertLimit(
        platform.database_url("profile"), platform.database_url("profile", "owner"), platform.workspace_id
    )
    await inserts.prepare()
    process = Process(platform, database, in_flight)
    await process.run(introduce, count(), math.inf, KNOWN)
    heap.calm()
    totals = {name: [0, 0.0] for name in ("known", "new", "merging")}
    numbers = {name: count() for name in totals}
    separate, pairs = count(), 0
    for _ in range(STRETCHES):
        each = seconds / STRETCHES
        for name, make in (("known", known), ("new", new), ("merging", joining)):
            if name == "merging":
                # As many pairs as one stretch can possibly join.
                apart_now = ROUND * BATCH * math.ceil(each * PAIRS_PER_S * 2 / (ROUND * BATCH))
                await process.run(apart, separate, math.inf, apart_now)
                pairs += apart_now // 2
            most = pairs - totals[name][0] if name == "merging" else math.inf
            done, spent = await process.run(make, numbers[name], each, most)
            totals[name][0] += done
            totals[name][1] += spent
            await inserts.measure(each / 4)
            say(f"{name}: {done / spent:,.0f}/s; bare inserts {inserts.per_s:,.0f} rows/s")
    await database.stop()
    rates = {name: done / spent for name, (done, spent) in totals.items()}
    return {
        "values": {f"{name}_per_s": round(rate) for name, rate in rates.items()},
        "limits": {"insert_per_s": round(inserts.per_s)},
        "ratios": {f"{name}_over_insert": round(rate / inserts.per_s, 3) for name, rate in rates.items()},
    }


async def main(arguments: argparse.Namespace) -> None:
    about = machine.describe()
    # Both idle: the gateway brings the workspace and the keys, profile its schema.
    idle = {"gateway", "profile"}
    async with Platform.start(without=set(names.ALL) - idle) as platform:
        found = await measure(platform, arguments.seconds, arguments.in_flight)
    print(json.dumps({"name": "identity", **found, "machine": about}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="of each kind")
    parser.add_argument("--in-flight", type=int, default=4, help="batches in hand; profile's `handlers`")
    sys.exit(uvloop.run(main(parser.parse_args())))
