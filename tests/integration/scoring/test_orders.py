"""Orders against real PostgreSQL: arrival order, batching, repeats and merges end in the same scores."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import pytest
from chassis.clock import to_ms
from chassis.database import Database
from chassis.errors import NotFound
from chassis.ids import derived_id
from scoring_service.queries.rfm import get_score

from ...unit.scoring.reference import DAY_MS, Bought, scored
from .harness import MODEL, Harness, corrected, identity, merged, ordered, stated

Databases = Callable[[str], Awaitable[Database]]
AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)
AS_OF_MS = to_ms(AS_OF)


class Shop:
    """Makes up orders, what becomes of them, and merges, and knows what they come to."""

    def __init__(self, random: Random, people: int = 25) -> None:
        self.records: list[bytes] = []
        self._random = random
        self._person = list(range(people))
        self._version = list(range(1, people + 1))
        self._orders: list[tuple[int, int, int] | None] = []
        self._ids: list[UUID] = []
        self._placed: list[tuple[int, int, int]] = []
        for n in range(200):
            kind = random.random()
            if kind < 0.7:
                self._order(n)
            elif kind < 0.9 and self._orders:
                self._correct(n)
            else:
                self._merge(n)

    def expected(self) -> dict[UUID, tuple[int, int, int, str]]:
        found = [Bought(identity(self._person[n]), at, minor) for n, at, minor in filter(None, self._orders)]
        return scored(found, AS_OF_MS, 365)

    def _order(self, n: int) -> None:
        who = self._random.randrange(len(self._person))
        at = AS_OF_MS - self._random.randrange(0, 400 * DAY_MS)
        minor = self._random.randrange(100_000)
        self._orders.append((who, at, minor))
        self._placed.append((who, at, minor))
        record_id = derived_id("order", str(n))
        self._ids.append(record_id)
        self.records.append(ordered(who, self._person[who], self._version[who], record_id, at, minor / 100))

    def _correct(self, n: int) -> None:
        """An order that is partly or wholly given back, or turns out to be of another day."""
        chosen = self._random.randrange(len(self._orders))
        who, at, minor = self._placed[chosen]
        left, counts = self._random.randrange(minor + 1), self._random.random() < 0.7
        self._orders[chosen] = (who, at - DAY_MS, left) if counts else None
        about = (who, self._person[who], self._version[who])
        self.records.append(corrected(*about, self._ids[chosen], at - DAY_MS, left, counts, version=n))

    def _merge(self, n: int) -> None:
        one, two = sorted(self._random.choices(self._person, k=2))
        if one == two:
            return
        moved = [i for i, person in enumerate(self._person) if person == two]
        for i in moved:
            self._person[i], self._version[i] = one, 1000 + n * 100 + i
        pairs = [(i, self._version[i]) for i in moved]
        self.records.append(merged(one, pairs, derived_id("merge", str(n)), AS_OF_MS, self._version[one]))


@pytest.mark.parametrize("seed", range(4))
async def test_shuffled_concurrent_batches_with_repeats_and_merges(
    databases: Databases, workspace_id: UUID, seed: int
) -> None:
    random = Random(seed)
    shop = Shop(random)
    harness = Harness(await databases("scoring"), workspace_id)
    records = shop.records + random.choices(shop.records, k=60)
    random.shuffle(records)
    batches = [records[i : i + 17] for i in range(0, len(records), 17)]

    async def feed(own: list[list[bytes]]) -> None:
        for batch in own:
            await harness.take(batch)

    await asyncio.gather(*(feed(batches[n::3]) for n in range(3)))
    await harness.compute(AS_OF)
    expected = shop.expected()
    assert await harness.scores() == expected
    await harness.compute(AS_OF)
    assert await harness.scores() == expected
    straight = Harness(await databases("scoring"), workspace_id)
    await straight.take(shop.records)
    await straight.compute(AS_OF)
    assert await straight.scores() == expected


async def test_the_window_includes_its_end_and_not_its_start(
    databases: Databases, workspace_id: UUID
) -> None:
    harness = Harness(await databases("scoring"), workspace_id)
    times = (AS_OF_MS, AS_OF_MS + 1, AS_OF_MS - 365 * DAY_MS, AS_OF_MS - 365 * DAY_MS + 1)
    await harness.take([ordered(n, n, 1, derived_id(str(n)), at, 1) for n, at in enumerate(times)])
    await harness.compute(AS_OF)
    assert set(await harness.scores()) == {identity(0), identity(3)}


async def test_another_workspace_sees_nothing(databases: Databases, workspace_id: UUID) -> None:
    harness = Harness(await databases("scoring"), workspace_id)
    await harness.take([ordered(1, 1, 1, derived_id("x"), AS_OF_MS, 1)])
    await harness.compute(AS_OF)
    other = Harness(harness.database, UUID(int=workspace_id.int ^ 1))
    assert (await other.compute(AS_OF)).summary["customer_count"] == 0
    assert await other.scores() == {}
    assert len(await harness.scores()) == 1


async def test_who_is_not_to_be_profiled_has_no_score_until_they_grant_it_again(
    databases: Databases, workspace_id: UUID
) -> None:
    """Anna (0, and 1 as long as she is taken for her), and Cai (2)."""
    harness = Harness(await databases("scoring"), workspace_id)

    async def scored_people() -> set[UUID]:
        await harness.compute(AS_OF)
        return set(await harness.scores())

    async def is_shown(n: int) -> bool:
        async with harness.database.transaction(harness.workspace_id) as tx:
            try:
                return bool(await get_score(tx, MODEL.name, identity(n)))
            except NotFound:
                return False

    anna, ben, cai = identity(0), identity(1), identity(2)
    orders = [
        ordered(n, n, n + 1, derived_id("order", str(n)), AS_OF_MS - n * DAY_MS - 1, 10) for n in range(3)
    ]
    await harness.take([*orders, merged(0, [(1, 4)], derived_id("merge"), AS_OF_MS, 1)])
    assert await scored_people() == {anna, cai}
    await harness.take(
        [
            stated(1, 0, 4, 1, True, 0, 1, purpose="profiling"),
            stated(2, 2, 3, 2, True, 2, channel="sms", purpose="marketing"),
        ]
    )
    # At once, though the snapshot has her score.
    assert [await is_shown(n) for n in range(3)] == [False, False, True]
    assert await scored_people() == {cai}
    # Split, both have said it; and of what is said again the newest counts, whenever it is heard.
    await harness.take([ordered(1, 1, 9, derived_id("order", "1"), AS_OF_MS - DAY_MS - 1, 10)])
    await harness.take(
        [
            stated(1, 1, 9, 4, False, 1, channel="", purpose="profiling"),
            stated(1, 1, 9, 3, True, 1),
            stated(2, 2, 3, 5, True, 2),
        ]
    )
    assert await scored_people() == {ben}
    assert [await is_shown(n) for n in range(3)] == [False, True, False]
