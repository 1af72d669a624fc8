"""Sources of different worth on real databases: profile, the fold in memory and segment come to the same, in whatever
order statements arrive and people become one."""

import json
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from chassis.clock import ManualClock, to_ms
from chassis.crypto import Ciphers
from segment_service.store import facts as segment_facts
from survivorship import Stamp, Traits, fold, rank_of
from waypost.profile.v1 import directory_service_pb2 as pb
from waypost.profile.v1 import ingest_pb2

from tests.conftest import Databases
from tests.integration.segment.harness import Harness

from .doors import Doors
from .harness import Profile, call

RANKS = {"crm": (70, True), "shop": (50, True), "web": (50, False), "old": (10, False)}


@pytest.fixture
async def doors(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Doors:
    return Doors(Profile(await databases("profile"), ciphers, clock, workspace_id))


async def declare(doors: Doors) -> None:
    for name, (priority, verified) in RANKS.items():
        request = pb.SetSourceRequest(name=name, priority=priority, verified=verified)
        await doors.directory.SetSource(request, None)
    await doors.directory.SetTraitRule(pb.SetTraitRuleRequest(name="likes", keep_all=True), None)


def history(random: Random) -> list[bytes]:
    values: dict[str, list[Any]] = {
        "city": ["x", "y", None],
        "likes": ["tea", ["tea", "ink"], "silk", None],
        "birthday": ["1990-01-01", "1991-01-01"],
    }
    records = []
    for n in range(40):
        said = {k: random.choice(v) for k, v in values.items() if random.random() < 0.6}
        who = random.sample(["user_id:1", "device_id:a", "device_id:b"], 1 if random.random() < 0.9 else 2)
        source, at = random.choice(list(RANKS)), random.randrange(30)
        records.append(call(f"m{n}", *who, at=at, source=source, **said))
    return [*records, call("join", "user_id:1", "device_id:a"), call("join2", "user_id:1", "device_id:b")]


def in_memory(records: list[bytes]) -> Traits:
    """The fold over statements as they were made, identities left aside."""
    statements = []
    for record in records:
        message = ingest_pb2.IngestRecord.FromString(record)
        rank = rank_of(*RANKS[message.source]) if message.source else 0
        ms = message.meta.event_time.ToMilliseconds()
        one = Traits()
        stamp = Stamp(rank, ms, message.meta.record_id, message.source)
        one.take(json.loads(message.traits_json), stamp, {"likes"})
        statements.append(one)
    return fold(statements)


@pytest.mark.parametrize("seed", range(2))
async def test_profile_memory_and_segment_agree_in_any_order(
    doors: Doors, databases: Databases, clock: ManualClock, seed: int
) -> None:
    random = Random(seed)
    await declare(doors)
    segment = Harness(await databases("segment"), doors.profile.workspace_id, clock)
    records = history(random)
    random.shuffle(records)
    for start in range(0, len(records), 5):
        told = await doors.profile.take(*records[start : start + 5])
        await segment.take([record.SerializeToString() for record in random.sample(told, len(told))])
    expected = in_memory(records)
    shown = await doors.get("user_id:1")
    assert json.loads(shown.traits_json) == expected.values
    assert {one.trait: one.source for one in shown.trait_sources} == {
        name: expected.stamps[name].source for name in expected.values
    }
    async with segment.database.transaction(segment.workspace_id) as tx:
        ids = [row["identity_id"] for row in await tx.fetch("SELECT identity_id FROM people")]
        known = fold((await segment_facts.load_traits(tx, ids)).values())
    assert known.values == {k: v for k, v in expected.values.items() if k != "birthday"}
    assert isinstance(expected.values.get("likes", []), list)


async def test_a_better_source_holds_against_newer_words_and_a_stranger_does_not(doors: Doors) -> None:
    await doors.profile.take(call("m0", "user_id:1", at=5, source="web", city="before"))
    await declare(doors)
    await doors.profile.take(call("m1", "user_id:1", at=1, source="crm", city="x"))
    await doors.profile.take(call("m2", "user_id:1", at=9, source="unknown", city="y", tier="gold"))
    [record] = await doors.profile.take(call("m3", "user_id:1", at=2, source="old", tier="none", city="z"))
    assert record.traits.rank == rank_of(10, False)
    shown = await doors.get("user_id:1")
    assert json.loads(shown.traits_json) == {"city": "x", "tier": "gold"}
    sources = {one.trait: (one.source, one.state_time.ToMilliseconds()) for one in shown.trait_sources}
    at = ingest_pb2.IngestRecord.FromString(call("any", at=1)).meta.event_time.ToMilliseconds()
    assert sources["city"] == ("crm", at)


async def test_a_source_shows_how_fresh_it_is(doors: Doors, clock: ManualClock) -> None:
    book = doors.profile.sources
    now = clock.now()
    request = pb.SetSourceRequest(name="shop", priority=50, expected_every_s=3600)
    await doors.directory.SetSource(request, None)

    async def sources() -> dict[str, pb.Source]:
        answer = await doors.directory.ListSources(pb.ListSourcesRequest(), None)
        return {one.name: one for one in answer.sources}

    def sent(message_id: str, source: str) -> bytes:
        record = ingest_pb2.IngestRecord.FromString(call(message_id, "user_id:1", source=source, city="x"))
        record.meta.accept_time.FromDatetime(now)
        return record.SerializeToString()

    assert (await sources())["shop"].stale
    await doors.profile.take(sent("m1", "shop"), sent("m2", "shop"), sent("m3", "web"))
    await book.flush()
    await doors.profile.take(sent("m4", "shop"))
    await book.flush()
    found = await sources()
    assert [(d.date, d.calls) for d in found["shop"].days] == [(now.date().isoformat(), 3)]
    assert [d.calls for d in found["web"].days] == [1]
    assert not found["shop"].stale
    assert found["shop"].last_seen_time.ToMilliseconds() == to_ms(now)
    clock.advance(timedelta(seconds=3601))
    assert [(s.name, s.stale) for s in (await sources()).values()] == [("shop", True), ("web", False)]
