"""Orders and the catalogue on a real database: neither order nor batching nor repeats nor rivals matter."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.database import Database
from chassis.lanes import LaneGate
from chassis.outbox import Outbox
from profile_service.usecases.find_orders import FindOrders
from waypost.profile.v1 import ingest_pb2, profile_events_pb2

from tests.integration.silent_bus import SilentBus

from .doors import Doors
from .harness import Profile, call

Databases = Callable[[str], Awaitable[Database]]
NAMES = ("Order Completed",) * 3 + ("Order Updated", "Order Refunded", "Order Refunded", "Order Cancelled")


@pytest.fixture
async def profile(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Profile:
    return Profile(await databases("profile"), ciphers, clock, workspace_id)


def history(random: Random, count: int = 150) -> list[bytes]:
    records = []
    for n in range(count):
        product: dict[str, Any] = {"product_id": f"p{random.randrange(6)}"}
        for key, values in {"name": ("x", "y"), "category": ("c", "d"), "price": (1, 2.5, 30)}.items():
            if random.random() < 0.5:
                product[key] = random.choice(values)
        who, at = f"user_id:{random.randrange(4)}", random.randrange(60)
        if random.random() < 0.3:
            records.append(call(f"m{n}", who, name="Product List Viewed", at=at, products=[product]))
            continue
        said: dict[str, Any] = {"order_id": f"o{random.randrange(12)}"}
        if random.random() < 0.7:
            said["total"] = random.randrange(1, 100)
        if random.random() < 0.5:
            said["products"] = [product | {"quantity": random.randrange(1, 3)}]
        records.append(call(f"m{n}", who, name=random.choice(NAMES), at=at, **said))
    return records


async def stored(profile: Profile) -> tuple[list[Any], list[Any]]:
    async with profile.database.transaction(profile.workspace_id) as tx:
        # Identities have other ids in another database: their value stands for them.
        orders = await tx.fetch(
            "SELECT i.value_key, order_id, o.event_id, ordered_at, coalesce(state, 'completed') AS state, amount_minor, "
            "coalesce(refunded_minor, 0) AS refunded, currency FROM orders o "
            "JOIN identifiers i USING (workspace_id, identity_id) ORDER BY 1, 2"
        )
        products = await tx.fetch("SELECT * FROM products ORDER BY product_id")
    return [tuple(r) for r in orders], [tuple(r)[2:] for r in products]


def reconciled(records: list[profile_events_pb2.ProfileRecord]) -> int:
    """Minor units of all orders as a reader of PROFILE adds them up."""
    amounts: dict[str, int] = {}
    versions: dict[str, int] = {}
    for record in records:
        if record.HasField("event") and record.event.name == "Order Completed":
            total = json.loads(record.event.properties_json).get("total")
            if total is not None and record.meta.record_id not in versions:
                amounts[record.meta.record_id] = total * 100
        for entry in record.order.entries:
            if record.order.version > versions.get(entry.event_id, 0):
                versions[entry.event_id] = record.order.version
                amounts[entry.event_id] = entry.amount_minor
    return sum(amounts.values())


@pytest.mark.parametrize("seed", range(3))
async def test_neither_order_nor_batching_nor_repeats_matter(
    profile: Profile, databases: Databases, ciphers: Ciphers, clock: ManualClock, seed: int
) -> None:
    random = Random(seed)
    records = history(random)
    published = await profile.take(*records)
    orders, products = await stored(profile)
    states = {row[4] for row in orders}
    assert states == {"completed", "partly_refunded", "refunded", "cancelled"}
    assert len(products) == 6
    nets = sum(0 if row[4] == "cancelled" else row[5] - row[6] for row in orders)
    assert reconciled(published) == nets

    assert await profile.take(*records) == []
    assert await stored(profile) == (orders, products)

    other = Profile(await databases("profile"), ciphers, clock, profile.workspace_id)
    again = records + random.choices(records, k=30)
    random.shuffle(again)
    batches = [again[i : i + 11] for i in range(0, len(again), 11)]
    heard: list[profile_events_pb2.ProfileRecord] = []

    async def feed(own: list[list[bytes]]) -> None:
        for batch in own:
            heard.extend(await other.take(*batch))

    await asyncio.gather(*(feed(batches[n::3]) for n in range(3)))
    assert await stored(other) == (orders, products)
    assert reconciled(heard) == nets


async def test_an_order_of_the_release_before_is_taken_up(profile: Profile) -> None:
    await profile.take(call("m1", "user_id:1", name="Order Completed", order_id="o", total=10))
    async with profile.database.transaction(profile.workspace_id) as tx:
        await tx.execute("DELETE FROM order_versions")
    await profile.take(call("m1b", "user_id:1", name="Order Completed", at=1, order_id="o", total=10))
    [record] = [
        r
        for r in await profile.take(
            call("m2", "user_id:1", name="Order Refunded", at=2, order_id="o", total=4)
        )
        if r.HasField("order")
    ]
    assert (record.order.state, record.order.net_minor) == ("partly_refunded", 600)
    assert [(e.amount_minor, e.counts) for e in record.order.entries] == [(600, True), (0, False)]


async def test_what_is_wrong_with_an_order_is_an_issue(profile: Profile) -> None:
    await profile.take(
        call("m1", "user_id:1", name="Order Refunded", total=1),
        call("m2", "user_id:1", name="Order Completed", order_id="o", total="much"),
    )
    async with profile.database.transaction(profile.workspace_id) as tx:
        issues = await tx.fetch("SELECT reason, path FROM ingestion_issues ORDER BY reason")
    assert [tuple(i) for i in issues] == [
        ("order_id_missing", "properties.order_id"),
        ("order_total_invalid", "properties.total"),
    ]


async def test_the_name_of_a_product_is_no_persons(profile: Profile) -> None:
    viewed = ingest_pb2.IngestRecord.FromString(call("m1", "user_id:1", name="Product Viewed"))
    viewed.properties_json = (
        b'{"product_id": 7, "name": "Tea", "price": 12.5, "currency": "JPY", "email": "a@b.cn"}'
    )
    [event] = await profile.take(viewed.SerializeToString())
    assert json.loads(event.event.properties_json)["name"] == "Tea"
    assert b"a@b.cn" not in event.event.properties_json
    async with profile.database.transaction(profile.workspace_id) as tx:
        [product] = await tx.fetch("SELECT product_id, name, price_minor, currency FROM products")
    assert tuple(product) == ("7", "Tea", 12, "JPY")


async def test_what_is_said_under_another_identity_finds_the_order(
    profile: Profile, databases: Databases, ciphers: Ciphers, clock: ManualClock
) -> None:
    """Whatever comes first: order, refund, or the news that both are one person; and once however often it comes."""
    calls = [
        call("order", "user_id:1", name="Order Completed", order_id="o", total=10),
        call("refund", "device_id:d", name="Order Refunded", at=1, order_id="o", total=4),
        call("join", "user_id:1", "device_id:d"),
        call("more", "device_id:d", name="Order Refunded", at=2, order_id="o", total=1),
        call("other", "device_id:e", name="Order Refunded", at=2, order_id="o", total=9),
    ]
    for seed in range(4):
        here = Profile(await databases("profile"), ciphers, clock, profile.workspace_id)
        outbox = Outbox(here.database, SilentBus("", "profile"))
        loops = [FindOrders(here.database, outbox, clock, LaneGate(1)) for _ in range(2)]
        random = Random(seed)
        told = random.sample(calls, len(calls))
        heard = []
        for one in [*told, *told]:
            heard += await here.take(one)
            clock.advance(timedelta(hours=1))
            if random.random() < 0.5:
                await asyncio.gather(*(loop.step(here.workspace_id) for loop in loops))
        await loops[0].step(here.workspace_id)
        orders, _ = await stored(here)
        assert [(row[4], row[5], row[6]) for row in orders] == [("partly_refunded", 1000, 500)]
        heard += await Doors(here).published()
        newest = max((r for r in heard if r.HasField("order")), key=lambda r: r.order.version)
        assert (newest.order.state, newest.order.net_minor) == ("partly_refunded", 500)
        async with here.database.transaction(here.workspace_id) as tx:
            assert await tx.fetchval("SELECT count(*) FROM order_statements") == 4, "each is said once"
        clock.advance(timedelta(days=2))
        assert await loops[0].step(here.workspace_id) == 1, "the refund of a stranger goes on waiting"
        assert await loops[0].step(here.workspace_id) == 0
