"""Batches against real PostgreSQL: order, batching, repeats, concurrency and builds leave the same members."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from uuid import UUID

import pytest
from chassis import workspace_lock
from chassis.bus import Source
from chassis.clock import ManualClock
from chassis.consumer import Batch
from chassis.database import Database, Tx
from chassis.personal_data import store as personal_data
from segment_service.events.consumers import heard_of
from segment_service.store import facts
from survivorship import Stamp
from waypost.profile.v1 import profile_events_pb2

from ...unit.segment.history import RULES, Act, History, history_of, identity
from ...unit.segment.memory import reference
from .harness import Harness

Databases = Callable[[str], Awaitable[Database]]
STATE = """
SELECT identity_id, name, count, first_at, last_at FROM event_states ORDER BY 1, 2
"""
TRAITS = "SELECT identity_id, traits, times, more FROM identity_traits ORDER BY 1"


@pytest.fixture
async def harness(databases: Databases, workspace_id: UUID, clock: ManualClock) -> Harness:
    return Harness(await databases("segment"), workspace_id, clock)


def random_history(random: Random, acts: int = 60, people: int = 10) -> History:
    kinds = ("event", "event", "event", "traits", "traits", "consent", "merge")
    return history_of(
        [
            Act(
                random.choice(kinds),
                random.randrange(people),
                random.randrange(people),
                random.randrange(9),
                random.choice(("x", "y", None)),
                random.choice((0, 0, 1)),
            )
            for _ in range(acts)
        ]
    )


def shuffled_batches(records: list[bytes], random: Random) -> list[list[bytes]]:
    left = records + random.choices(records, k=len(records) // 2)
    random.shuffle(left)
    batches = []
    while left:
        size = random.randint(1, 9)
        batches.append(left[:size])
        left = left[size:]
    return batches


async def test_traits_that_the_release_before_wrote_meanwhile_hold(harness: Harness) -> None:
    """It writes values and times, and knows nothing of ranks."""
    await harness.take(history_of([Act("traits", 1, 0, 5, "x", rank=3)]).records)
    async with harness.database.transaction(harness.workspace_id) as tx:
        [before] = (await facts.load_traits(tx, [identity(1)])).values()
        await tx.execute(
            "UPDATE identity_traits SET traits = $1, times = $2", {"city": "y"}, {"city": [9, "r"]}
        )
        [after] = (await facts.load_traits(tx, [identity(1)])).values()
    assert before.stamps["city"].rank == 3
    assert (after.values, after.stamps["city"]) == ({"city": "y"}, Stamp(0, 9, "r"))


@pytest.mark.parametrize("seed", range(6))
async def test_shuffled_batches_with_repeats_end_as_a_recount(
    databases: Databases, workspace_id: UUID, clock: ManualClock, seed: int
) -> None:
    random = Random(seed)
    history = random_history(random)
    assert history.merges
    ordered = Harness(await databases("segment"), workspace_id, clock)
    mixed = Harness(await databases("segment"), workspace_id, clock)
    for harness in (ordered, mixed):
        for n, rule in enumerate(RULES):
            await harness.create(rule, str(n))
            if n % 2:
                await harness.build()
    await ordered.take(history.records)
    for batch in shuffled_batches(history.records, random):
        await mixed.take(batch)
    expected = reference(heard_of(history.records))
    assert await ordered.members() == expected
    assert await mixed.members() == expected
    assert await mixed.rows(STATE) == await ordered.rows(STATE)
    assert await mixed.rows(TRAITS) == await ordered.rows(TRAITS)
    for harness in (ordered, mixed):
        await harness.build()
        assert await harness.members() == expected


@pytest.mark.parametrize("seed", range(4))
async def test_concurrent_batches_and_builds_miss_nobody(harness: Harness, seed: int) -> None:
    random = Random(100 + seed)
    history = random_history(random, acts=120, people=25)
    batches = shuffled_batches(history.records, random)

    async def feed(own: list[list[bytes]]) -> None:
        for batch in own:
            await harness.take(batch)

    async def create() -> None:
        for n, rule in enumerate(RULES):
            await asyncio.sleep(0.01)
            await harness.create(rule, str(n))
            await harness.build()

    await asyncio.gather(*(feed(batches[n::3]) for n in range(3)), create())
    await harness.build()
    assert await harness.members() == reference(heard_of(history.records))


async def test_a_rebuilt_segment_over_known_people_is_historical_and_resumes_after_a_kill(
    harness: Harness,
) -> None:
    history = random_history(Random(7), people=12)
    await harness.take(history.records)
    for n, rule in enumerate(RULES):
        await harness.create(rule, str(n))
    first = harness.builder()
    for n in range(len(RULES)):
        assert await first.build_page(harness.workspace_id, f"seg_{n}")
    await harness.build()
    expected = reference(heard_of(history.records))
    assert await harness.members() == expected
    published = await harness.published()
    assert all(r.meta.historical for r in published)
    assert len({r.meta.record_id for r in published}) == len(published) == len(expected)
    assert await harness.rows("SELECT count(*) FROM builds") == [(0,)]
    assert {state for (state,) in await harness.rows("SELECT state FROM segments")} == {"active"}


async def test_records_name_the_cause_and_the_person(harness: Harness) -> None:
    segment_id = await harness.create({"event": "Order Completed", "count": {"gte": 1}})
    await harness.build()
    history = history_of([Act("event", 1, 1, 5, None), Act("event", 0, 0, 5, None)])
    (entered,) = await harness.take(history.records)
    assert entered.entered.segment_id == segment_id
    assert entered.person.profile_no == 1
    assert entered.meta.event_time.ToMilliseconds() == 5
    assert not entered.meta.historical
    assert await harness.take(history.records) == []
    merged = history_of(
        [Act("event", 1, 1, 5, None), Act("event", 0, 0, 5, None), Act("merge", 0, 1, 6, None)]
    )
    changes = await harness.take(merged.records[2:])
    assert {(c.WhichOneof("fact"), c.person.profile_no) for c in changes} == {("left", 0), ("entered", 0)}
    (left,) = [c for c in changes if c.WhichOneof("fact") == "left"]
    assert left.left.reason == "merged"
    assert left.person.identity_id == entered.person.identity_id
    assert left.person.profile_id != left.person.identity_id


async def test_nothing_is_seen_of_another_workspace(harness: Harness) -> None:
    await harness.create({"everyone": True})
    await harness.take(random_history(Random(1)).records)
    other = Harness(harness.database, UUID(int=harness.workspace_id.int ^ 1), harness.clock)
    assert await harness.members()
    assert await other.members() == set()


async def test_a_person_being_inserted_while_a_segment_is_created_is_not_missed(harness: Harness) -> None:
    history = history_of([Act("event", 0, 1, 5, None)])
    batch = Batch(harness.workspace_id, Source("PROFILE", "live", 0), history.records)
    opening = workspace_lock.shared(harness.workspace_id)
    async with harness.database.transaction(harness.workspace_id, opening=opening) as tx:
        assert await harness.handler.apply(tx, batch, None) == []
        creating = asyncio.create_task(harness.create({"event": "Order Completed"}))
        building = asyncio.create_task(harness.build())
        await asyncio.sleep(0.1)
        assert not creating.done()
    await asyncio.gather(creating, building)
    await harness.build()
    assert len(await harness.members()) == 1


async def test_a_consent_counts_for_everybody_for_whom_it_was_recorded(harness: Harness) -> None:
    """They were one person then, and are two by now; and what they say of one of their numbers counts."""
    sms = {"consent": {"channel": "sms", "purpose": "marketing"}}
    granted, not_granted = await harness.create(sms, "yes"), await harness.create({"not": sms}, "no")
    await harness.build()
    history = history_of([Act("event", n, 0, 1, None) for n in (0, 1)])
    anna, ben = identity(0), identity(1)
    await harness.take(history.records)
    assert await harness.members() == {(not_granted, anna), (not_granted, ben)}
    stated = history_of([Act("consent", 0, 1, 2, "x")]).records
    record = profile_events_pb2.ProfileRecord.FromString(stated[0])
    record.consent.stated.identity_ids.append(str(ben))
    changes = await harness.take([record.SerializeToString()])
    assert await harness.members() == {(granted, anna), (granted, ben)}
    assert {change.meta.event_time.ToMilliseconds() for change in changes} == {2}
    withdrawal = history_of([Act("event", 1, 0, 1, None), Act("consent", 1, 0, 3, None)]).records[1]
    await harness.take([withdrawal])
    assert await harness.members() == {(granted, anna), (not_granted, ben)}
    # Older than that, and heard again.
    await harness.take([record.SerializeToString()])
    assert await harness.members() == {(granted, anna), (not_granted, ben)}


async def test_a_consent_brings_nothing_back_of_an_identity_that_was_erased(harness: Harness) -> None:
    record = profile_events_pb2.ProfileRecord.FromString(
        history_of([Act("consent", 0, 1, 2, "x")]).records[0]
    )
    record.consent.stated.identity_ids.append(str(identity(1)))

    async def erase(tx: Tx) -> None:
        await personal_data.note(tx, identity(9), [identity(1)], {}, harness.clock.now())

    await harness.database.run(harness.workspace_id, erase)
    await harness.take([record.SerializeToString()])
    assert await harness.rows("SELECT identity_id FROM consents") == [(identity(0),)]
