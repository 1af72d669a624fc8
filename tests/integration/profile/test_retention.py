"""Events that are no longer kept go, and stay counted: whoever deletes them, killed wherever."""

import asyncio
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.errors import InvalidArgument
from chassis.lanes import LaneGate
from profile_service.usecases.expire_events import ExpireEvents
from waypost.profile.v1 import profile_service_pb2 as profile_pb
from waypost.profile.v1 import schema_service_pb2 as pb

from tests.conftest import Databases

from .doors import Doors
from .harness import Profile, call

DAY = 24 * 60
NAMES = ("Viewed", "Order Completed", "Opened")


@pytest.fixture
async def doors(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Doors:
    return Doors(Profile(await databases("profile"), ciphers, clock, workspace_id))


async def keep(doors: Doors, default_days: int, **days: int) -> None:
    events = [pb.EventRetention(event=name, days=kept) for name, kept in sorted(days.items())]
    retention = pb.Retention(default_days=default_days, events=events)
    await doors.schemas.SetRetention(pb.SetRetentionRequest(retention=retention), None)
    assert (await doors.schemas.GetRetention(pb.GetRetentionRequest(), None)).retention == retention


async def walk(doors: Doors, replicas: int = 1) -> None:
    """A whole walk, by several at once."""
    profile = doors.profile
    loops = [ExpireEvents(profile.database, profile.clock, LaneGate(1), page=64) for _ in range(replicas)]

    async def run(loop: ExpireEvents) -> None:
        while await loop.step(profile.workspace_id):
            pass

    await asyncio.gather(*map(run, loops))


async def stored(doors: Doors) -> dict[str, int]:
    async with doors.profile.database.transaction(doors.profile.workspace_id) as tx:
        return {r[0]: r[1] for r in await tx.fetch("SELECT name, count(*) FROM events GROUP BY 1 ORDER BY 1")}


async def lives(doors: Doors) -> list[profile_pb.Profile]:
    """What everybody did, the parts that depend on events."""
    people = [await doors.get(f"crm_id:p{n}") for n in range(6)]
    return [
        profile_pb.Profile(event_count=p.event_count, event_counts=p.event_counts, order_sums=p.order_sums)
        for p in people
    ]


async def test_lifetime_counts_outlive_the_events(doors: Doors, clock: ManualClock) -> None:
    random = Random(5)
    calls = [
        call(
            f"m{n}",
            f"crm_id:p{n % 6}",
            name=random.choice(NAMES),
            at=random.randrange(30 * DAY),
            total=n,
            order_id=f"o{n}",
        )
        for n in range(300)
    ]
    await doors.profile.take(*calls)
    before, all_of = await lives(doors), await stored(doors)
    await walk(doors)
    assert await stored(doors) == all_of, "nothing was declared"
    clock.advance(timedelta(days=1))
    await keep(doors, 20, Viewed=0, Opened=5)
    await walk(doors, replicas=3)
    left = await stored(doors)
    assert left["Viewed"] == all_of["Viewed"]
    assert 0 < left["Order Completed"] < all_of["Order Completed"]
    assert left.get("Opened", 0) < left["Order Completed"]
    assert await lives(doors) == before
    assert before[0].order_sums[0].total_minor > 0

    # A second walk begins a day later; a repeat of what is gone stays a repeat.
    await doors.profile.take(*calls)
    clock.advance(timedelta(days=40))
    await walk(doors)
    assert await stored(doors) == {"Viewed": all_of["Viewed"]}
    await doors.profile.take(call("join", "crm_id:p0", "crm_id:p1"))
    now = await lives(doors)
    assert now[2:] == before[2:]
    assert now[0] == now[1]
    assert now[0].event_count == before[0].event_count + before[1].event_count


async def test_what_cannot_be_kept_so(doors: Doors) -> None:
    twice = pb.Retention(events=[pb.EventRetention(event="E", days=1), pb.EventRetention(event="E", days=2)])
    for wrong in (
        twice,
        pb.Retention(default_days=-1),
        pb.Retention(events=[pb.EventRetention(event="", days=1)]),
    ):
        with pytest.raises(InvalidArgument):
            await doors.schemas.SetRetention(pb.SetRetentionRequest(retention=wrong), None)
