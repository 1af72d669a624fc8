"""Orders in other currencies on a real database: neither the order of arrival nor when rates are stated matters."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.database import Database
from chassis.errors import InvalidArgument, StateConflict
from chassis.keyring import Keyring
from chassis.lanes import LaneGate
from chassis.outbox import Outbox
from chassis.paging import Pages
from profile_service.api.exchange_rate_servicer import ExchangeRateServicer
from profile_service.usecases.revalue_orders import RevalueOrders
from waypost.profile.v1 import exchange_rate_service_pb2 as pb
from waypost.profile.v1 import profile_service_pb2

from tests.integration.silent_bus import SilentBus

from .doors import Doors
from .harness import START, Profile, call
from .test_commerce import reconciled, stored

Databases = Callable[[str], Awaitable[Database]]
DAY_MINUTES = 24 * 60


def day(number: int) -> str:
    return (START + timedelta(days=number)).date().isoformat()


class Money:
    """A profile service with its door for rates, and what it told on PROFILE."""

    def __init__(self, database: Database, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> None:
        self.profile = Profile(database, ciphers, clock, workspace_id)
        self.doors = Doors(self.profile)
        pages = Pages(Keyring(bytes(32)))
        self.rates = ExchangeRateServicer(database, pages, clock, self.profile.declarations)
        outbox = Outbox(database, SilentBus("", "profile"))
        self.loops = [RevalueOrders(database, outbox, clock, LaneGate(1)) for _ in range(2)]
        self.heard: list[Any] = []

    async def take(self, *records: bytes) -> None:
        self.heard += await self.profile.take(*records)

    async def state(self, *rates: tuple[str, int, str]) -> int:
        stated = [pb.ExchangeRate(currency=c, day=day(d), rate=r, source="bank") for c, d, r in rates]
        return int(
            (await self.rates.SetExchangeRates(pb.SetExchangeRatesRequest(rates=stated), None)).changed
        )

    async def settle(self) -> None:
        async def whole(loop: RevalueOrders) -> None:
            while await loop.step(self.profile.workspace_id):
                pass

        await asyncio.gather(*map(whole, self.loops))

    async def order(self) -> Any:
        person = await self.doors.get("user_id:1")
        request = profile_service_pb2.ListOrdersRequest(profile_id=person.profile_id)
        [order] = (await self.doors.people.ListOrders(request, None)).orders
        return order

    async def issues(self) -> list[str]:
        async with self.profile.database.transaction(self.profile.workspace_id) as tx:
            rows = await tx.fetch("SELECT reason FROM ingestion_issues WHERE path = 'properties.currency'")
        return [row["reason"] for row in rows]


@pytest.fixture
async def money(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Money:
    return Money(await databases("profile"), ciphers, clock, workspace_id)


async def test_an_order_counts_once_its_rate_is_there_and_follows_its_correction(money: Money) -> None:
    bought = {"order_id": "o", "total": 20, "currency": "usd"}
    await money.take(call("m1", "user_id:1", name="Order Completed", at=5 * DAY_MINUTES, **bought))
    order = await money.order()
    assert (order.total_minor, order.currency, order.original.total_minor) == (0, "CNY", 2000)
    assert (order.original.currency, order.original.rate) == ("USD", "")
    assert await money.issues() == ["rate_missing"]
    assert reconciled(money.heard) == 0

    assert await money.state(("USD", 3, "7.1"), ("USD", 6, "9"), ("EUR", 5, "8")) == 3
    await money.settle()
    order = await money.order()
    assert (order.total_minor, order.original.rate, order.original.rate_day) == (14200, "7.1", day(3))
    later = call("m2", "user_id:1", name="Order Refunded", at=9 * DAY_MINUTES, order_id="o", total=10)
    await money.take(later)
    assert (await money.order()).net_minor == 7100, "a refund takes the rate of the order's day"

    assert await money.state(("USD", 3, "7.1")) == 0, "what is known is no news"
    assert await money.state(("USD", 5, "7.3")) == 1
    await money.settle()
    order = await money.order()
    assert (order.total_minor, order.net_minor, order.original.rate_day) == (14600, 7300, day(5))
    assert reconciled([*money.heard, *await money.doors.published()]) == 7300
    assert await money.issues() == ["rate_missing"], "told once"


async def test_a_rate_holds_for_ten_days(money: Money) -> None:
    await money.state(("USD", 0, "7"))
    for at in (10, 11):
        order = call(
            f"m{at}", f"user_id:{at}", name="Order Completed", at=at * DAY_MINUTES, total=1, currency="USD"
        )
        await money.take(order)
    orders, _ = await stored(money.profile)
    assert sorted(row[5] for row in orders) == [0, 700]


async def test_neither_order_nor_batching_nor_the_time_of_rates_matters(
    money: Money, databases: Databases, ciphers: Ciphers, clock: ManualClock
) -> None:
    random = Random(7)
    records = []
    for n in range(80):
        said: dict[str, Any] = {"order_id": f"o{random.randrange(14)}", "total": random.randrange(1, 200)}
        if random.random() < 0.7:
            said["currency"] = random.choice(["USD", "JPY", "CNY"])
        name = random.choice(["Order Completed", "Order Completed", "Order Updated", "Order Refunded"])
        at = random.randrange(6) * DAY_MINUTES
        records.append(call(f"m{n}", f"user_id:{random.randrange(3)}", name=name, at=at, **said))
    rates = [("USD", 0, "7.1055"), ("USD", 2, "7.2"), ("USD", 4, "7.05"), ("JPY", 3, "0.0487")]
    await money.state(*rates)
    await money.take(*records)
    orders, _ = await stored(money.profile)
    nets = sum(row[5] - row[6] for row in orders)
    assert {row[7] for row in orders} <= {"", "CNY"}
    async with money.profile.database.transaction(money.profile.workspace_id) as tx:
        rated = await tx.fetch("SELECT original->'rate' AS rate FROM orders WHERE original IS NOT NULL")
    assert len(rated) >= 6
    assert 0 < sum(row["rate"] is None for row in rated) < len(rated)

    for seed in range(2):
        random = Random(seed)
        other = Money(await databases("profile"), ciphers, clock, money.profile.workspace_id)
        told = random.sample(records, len(records))
        acts = [partial(other.take, *told[n : n + 9]) for n in range(0, len(told), 9)]
        acts += [partial(other.state, one) for one in [*rates, ("USD", 2, "9.9")]]
        acts += [other.settle, other.settle]
        random.shuffle(acts)
        await asyncio.gather(*(act() for act in acts[:8]))
        for act in acts[8:]:
            await act()
        await other.state(*rates)
        await other.settle()
        assert (await stored(other.profile))[0] == orders
        assert reconciled([*other.heard, *await other.doors.published()]) == nets


async def test_the_currency_is_chosen_before_the_first_order(money: Money) -> None:
    async def choose(currency: str) -> str:
        return str((await money.rates.SetCurrency(pb.SetCurrencyRequest(currency=currency), None)).currency)

    assert (await money.rates.GetCurrency(pb.GetCurrencyRequest(), None)).currency == "CNY"
    with pytest.raises(InvalidArgument):
        await choose("yen")
    assert await choose("JPY") == "JPY"
    await money.take(call("m1", "user_id:1", name="Order Completed", order_id="o", total=1500))
    assert ((await money.order()).total_minor, (await money.order()).currency) == (1500, "JPY")
    [told] = [r for r in money.heard if r.HasField("order")]
    assert told.order.net_minor == 1500, "readers that take every amount for CNY are told"
    assert await choose("JPY") == "JPY"
    with pytest.raises(StateConflict, match="before the first"):
        await choose("USD")


async def test_rates_are_listed_and_refused_together(money: Money) -> None:
    await money.state(("USD", 0, "7.10"), ("USD", 1, "7.2"), ("EUR", 1, "8"))
    with pytest.raises(InvalidArgument) as refused:
        await money.state(("USD", 2, "7"), ("GBP", 2, "-9"))
    assert refused.value.metadata["field"] == "rates/1/rate"
    found: list[tuple[str, str, str]] = []
    token = ""
    while True:
        request = pb.ListExchangeRatesRequest(page_size=2, page_token=token)
        page = await money.rates.ListExchangeRates(request, None)
        found += [(r.currency, r.day, r.rate) for r in page.rates]
        if not (token := page.next_page_token):
            break
    assert found == [("EUR", day(1), "8"), ("USD", day(1), "7.2"), ("USD", day(0), "7.10")]
    only = await money.rates.ListExchangeRates(pb.ListExchangeRatesRequest(currency="EUR"), None)
    assert [r.rate for r in only.rates] == ["8"]
