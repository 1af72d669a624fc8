"""The feed of changes loses nothing, and a correction wins."""

import asyncio
import contextlib
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.errors import InvalidArgument, NotFound, StateConflict
from chassis.ids import new_id
from chassis.lanes import LaneGate
from profile_service.store import changes
from profile_service.store.changes import Change
from profile_service.usecases.forget_changes import KEPT_DAYS, ForgetChanges
from waypost.common.v1 import record_pb2
from waypost.profile.v1 import profile_events_pb2

from tests.conftest import Databases

from .harness import START, call
from .reading import Doors, traits


@pytest.fixture
async def doors(databases: Databases, ciphers: Ciphers, workspace_id: Any) -> Doors:
    return Doors(await databases("profile"), ciphers, ManualClock(START), workspace_id)


class Follower:
    """Somebody who asks again and again from where they were."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self.token = ""
        self.heard: list[Any] = []

    async def follow(self, page_size: int = 3) -> list[Any]:
        """What is new."""
        before = len(self.heard)
        while True:
            answer = await self.doors.ask("ListChanges", page_size=page_size, page_token=self.token)
            self.token = answer.next_page_token
            self.heard += answer.changes
            if answer.caught_up:
                return self.heard[before:]


async def test_what_changed_of_whom_and_why(doors: Doors) -> None:
    follower = Follower(doors)
    await doors.take(
        call("m1", "user_id:anna", city="x", full_name="Anna", phone="+8613912345678"),
        call("m2", "crm_id:ben", "device_id:d", unit="s1"),
    )
    anna, ben = await doors.person("user_id:anna"), await doors.person("crm_id:ben")
    told = [(c.profile_id, set(c.changed), c.cause) for c in await follower.follow()]
    assert (
        anna.profile_id,
        {"created", "identifiers", "contact_points", "traits.city", "traits.full_name"},
        "message:m1",
    ) in told
    assert {who for who, *_ in told} == {anna.profile_id, ben.profile_id}
    # Saying the same again, or something older, or an event, changes nothing.
    await doors.take(
        call("m3", "user_id:anna", at=1, city="x", phone="+8613912345678"),
        call("m4", "user_id:anna", at=-1, city="old"),
        call("m5", "user_id:anna", at=2, name="Seen"),
    )
    assert await follower.follow() == []
    await doors.take(call("m6", "user_id:anna", at=3, city="y", plan="pro"))
    [change] = await follower.follow()
    assert (set(change.changed), change.cause) == ({"traits.city", "traits.plan"}, "message:m6")
    assert change.version > follower.heard[0].version
    await doors.take(call("m7", "user_id:anna", "crm_id:ben", at=4))
    [change] = await follower.follow()
    assert (change.profile_id, list(change.changed), change.cause[:6]) == (
        anna.profile_id,
        ["merged"],
        "merge:",
    )
    doors.confine("s2")
    assert await Follower(doors).follow() == []
    doors.confine("s1")
    assert {c.profile_id for c in await Follower(doors).follow()} == {anna.profile_id}


async def test_a_reader_waits_for_a_transaction_that_is_still_under_way(doors: Doors) -> None:
    """One that began before, and ends after what the reader could have seen: a number from a sequence would lose it."""
    await doors.take(call("m1", "user_id:slow"), call("m2", "user_id:fast"))
    follower = Follower(doors)
    await follower.follow()
    slow, fast = [(await doors.person(f"user_id:{who}")).profile_id for who in ("slow", "fast")]

    async def write(who: str, held: asyncio.Event, release: asyncio.Event) -> None:
        async with doors.database.transaction(doors.workspace_id) as tx:
            await tx.execute("SELECT pg_current_xact_id()")
            changes.record(tx, [Change(UUID(who), ["x"], "")], START)
            held.set()
            await release.wait()

    began, go = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(write(slow, began, go))
    await began.wait()
    at_once = asyncio.Event()
    at_once.set()
    await write(fast, asyncio.Event(), at_once)
    early = await follower.follow()
    go.set()
    await task
    assert early == []
    assert [c.profile_id for c in await follower.follow()] == [slow, fast]


async def test_nothing_is_lost_among_rivals(doors: Doors) -> None:
    """Six writers, who now and then roll back, and a reader that never rests."""
    await doors.take(*(call(f"m{n}", f"user_id:u{n}") for n in range(8)))
    people = [(await doors.person(f"user_id:u{n}")).profile_id for n in range(8)]
    written: set[str] = set()
    done = False
    follower = Follower(doors)
    await follower.follow()

    async def write(writer: int) -> None:
        for n in range(12):
            cause = f"{writer}.{n}"
            try:
                async with doors.database.transaction(doors.workspace_id) as tx:
                    if n % 2:
                        await tx.execute("SELECT pg_current_xact_id()")
                    found = [Change(p, ["x"], cause) for p in people[: 1 + n % 4]]
                    changes.record(tx, found, START)
                    await tx.fetchval("SELECT 1")
                    if n % 5 == 4:
                        raise LookupError
            except LookupError:
                continue
            written.update(f"{cause}:{p}" for p in people[: 1 + n % 4])

    async def read() -> None:
        while not done:
            await follower.follow(page_size=5)

    reading = asyncio.create_task(read())
    await asyncio.gather(*(write(n) for n in range(6)))
    done, during = True, len(follower.heard)
    await reading
    await follower.follow()
    heard = [f"{c.cause}:{c.profile_id}" for c in follower.heard if not c.cause.startswith("message:")]
    print(f"{len(heard)} changes, of which {during} were heard while others were being written")
    assert during > 5
    assert len(heard) == len(set(heard))
    assert set(heard) == written
    for person in people:
        versions = [c.version for c in follower.heard if c.profile_id == person]
        assert len(versions) == len(set(versions))


async def test_a_part_that_is_rolled_back_says_nothing(doors: Doors) -> None:
    async with doors.database.transaction(doors.workspace_id) as tx:
        with contextlib.suppress(LookupError):
            async with tx.savepoint():
                changes.record(tx, [Change(new_id(), ["x"], "lost")], START)
                raise LookupError
        changes.record(tx, [Change(new_id(), ["x"], "kept")], START)
    async with doors.database.transaction(doors.workspace_id) as tx:
        [items] = await tx.fetch("SELECT items FROM changes")
    assert json.loads(items["items"])[0][2] == "kept"


async def test_what_is_a_week_old_is_forgotten_and_whoever_needs_it_is_told(doors: Doors) -> None:
    forgetting = ForgetChanges(doors.database, doors.clock, LaneGate(1))
    first, patient = Follower(doors), Follower(doors)
    await first.follow()
    await doors.take(call("m1", "user_id:1"))
    await patient.follow()
    doors.clock.advance(timedelta(days=KEPT_DAYS, seconds=1))
    await forgetting.pass_once()
    await doors.take(call("m2", "user_id:2"))
    # Who had heard all that was forgotten goes on, who had not must begin anew, and can.
    assert [c.cause for c in await patient.follow()] == ["message:m2"]
    with pytest.raises(InvalidArgument) as refused:
        await first.follow()
    assert refused.value.reason == "CURSOR_EXPIRED"
    assert [c.cause for c in await Follower(doors).follow()] == ["message:m2"]


async def published(doors: Doors) -> list[Any]:
    async with doors.database.connection() as connection:
        rows = await connection.fetch("SELECT payload FROM outbox ORDER BY id")
    return [
        profile_events_pb2.ProfileRecord.FromString(one)
        for row in rows
        for one in record_pb2.RecordBatch.FromString(row["payload"]).records
    ]


async def test_a_correction_wins_over_everything_said_before(doors: Doors) -> None:
    await doors.take(
        call("m1", "user_id:1", "device_id:d", city="x", full_name="Anna", plan="free"),
        call("m2", "device_id:d", at=60 * 24 * 365, city="from a clock that is wrong"),
    )
    person = await doors.person("user_id:1")
    done = await doors.correct(person.profile_id, person.etag, city="上海", full_name="Ann", plan=None)
    assert traits(done) == {"city": "上海", "full_name": "Ann"} == traits(await doors.person("user_id:1"))
    assert done.etag != person.etag
    [told] = await published(doors)
    assert json.loads(told.traits.traits_json) == {"city": "上海", "plan": None}
    assert [p.profile_id for p in (await doors.ask("SearchProfiles", name="ann")).profiles] == [
        person.profile_id
    ]
    corrected = await doors.correct(person.profile_id, phone="139 1234 5678", email=None)
    assert [c.address for c in corrected.contact_points] == ["+86139****5678"]


async def test_a_correction_of_what_has_changed_meanwhile_is_refused(doors: Doors) -> None:
    await doors.take(call("m1", "user_id:1", city="x"))
    person = await doors.person("user_id:1")
    await doors.take(call("m2", "user_id:1", at=1, plan="pro"))
    with pytest.raises(StateConflict) as refused:
        await doors.correct(person.profile_id, person.etag, city="y")
    assert refused.value.reason == "ETAG_MISMATCH"
    fresh = await doors.person("user_id:1")
    answers = await asyncio.gather(
        *(doors.correct(fresh.profile_id, fresh.etag, city=str(n)) for n in range(5)), return_exceptions=True
    )
    assert sum(not isinstance(a, BaseException) for a in answers) == 1


async def test_a_correction_said_twice_counts_once(doors: Doors) -> None:
    await doors.take(call("m1", "user_id:1", city="x"))
    person = (await doors.person("user_id:1")).profile_id
    for _ in range(2):
        await doors.correct(person, request_id="r1", city="y")
    assert len(await published(doors)) == 1
    with pytest.raises(InvalidArgument) as refused:
        await doors.correct(person, request_id="r1", city="z")
    assert refused.value.reason == "REQUEST_ID_REUSED"
    async with doors.database.transaction(doors.workspace_id) as tx:
        kept = await tx.fetchval("SELECT response FROM requests")
    assert kept == b""


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [({"phone": "12"}, "/traits/phone"), ({"email": "nobody"}, "/traits/email"), ({}, None)],
)
async def test_a_value_that_its_trait_cannot_have_is_refused(
    doors: Doors, wrong: dict[str, Any], pointer: str | None
) -> None:
    await doors.take(call("m1", "user_id:1", city="x"))
    person = (await doors.person("user_id:1")).profile_id
    with pytest.raises(InvalidArgument) as refused:
        await doors.correct(person, **wrong)
    assert refused.value.metadata.get("pointer") == pointer
    doors.confine("s1")
    for nobody in (person, str(new_id())):
        with pytest.raises(NotFound):
            await doors.correct(nobody, city="y")
