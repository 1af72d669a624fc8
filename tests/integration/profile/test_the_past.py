"""What was known of a person at a moment, and what they did, in pages."""

import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from chassis.clock import ManualClock, to_ms
from chassis.crypto import Ciphers
from chassis.errors import InvalidArgument, NotFound
from chassis.ids import new_id
from survivorship import Stamp, Traits, fold
from waypost.profile.v1 import ingest_pb2

from tests.conftest import Databases

from .harness import START, call
from .reading import Doors, stamp, traits


@pytest.fixture
async def doors(databases: Databases, ciphers: Ciphers, workspace_id: Any) -> Doors:
    return Doors(await databases("profile"), ciphers, ManualClock(START), workspace_id)


def minute(at: int) -> datetime:
    return START + timedelta(minutes=at)


async def past(doors: Doors, who: str, at: int) -> Any:
    person = await doors.person(who)
    answer = await doors.ask("GetProfileAsOf", profile_id=person.profile_id, as_of_time=stamp(minute(at)))
    return answer.profile


@pytest.mark.parametrize("seed", range(2))
async def test_traits_as_of_any_moment_whatever_the_order_of_arrival(doors: Doors, seed: int) -> None:
    random = Random(seed)
    said: list[tuple[int, str, str, dict[str, Any]]] = []
    for n in range(60):
        names = random.sample(("city", "plan", "full_name", "birthday"), 2)
        values = {name: random.choice([None, "a", "b", "c"]) for name in names}
        said.append((random.randrange(20), f"m{n:02}", random.choice(("user_id:1", "device_id:d")), values))
    together = call("join", "user_id:1", "device_id:d", at=0)
    records = [together, *(call(m, who, at=at, **values) for at, m, who, values in said)]
    random.shuffle(records)
    for start in range(0, len(records), 7):
        await doors.take(*records[start : start + 7])
    removed = overtaken = 0
    for at in range(21):
        leaves = {}
        for who in ("user_id:1", "device_id:d"):
            leaves[who] = Traits()
            for t, m, w, v in said:
                if w == who and t <= at:
                    leaves[who].take(v, Stamp(0, to_ms(minute(t)), m))
        expected = fold(leaves.values()).values
        removed += any(name not in expected for one in leaves.values() for name in one.stamps)
        overtaken += expected != traits(await doors.person("user_id:1"))
        assert traits(await past(doors, "user_id:1", at)) == expected, at
    print(f"of 21 moments {removed} with a trait taken away, {overtaken} unlike today")
    assert removed > 3
    assert overtaken > 10


async def test_identifiers_and_addresses_that_there_were(doors: Doors) -> None:
    await doors.take(call("m1", "user_id:1", at=0, phone="+8613912345678", city="x"))
    doors.clock.advance(timedelta(minutes=10))
    await doors.take(
        call("m2", "user_id:1", "device_id:d", at=10, phone="+8613912345678"),
        call("m3", "user_id:1", at=10, email="a@b.cn"),
        call("m4", "user_id:1", at=10, name="Seen"),
    )
    early, late = await past(doors, "user_id:1", 5), await past(doors, "user_id:1", 10)
    assert [i.type for i in early.identifiers] == ["user_id"]
    assert [i.type for i in late.identifiers] == ["user_id", "device_id"]
    assert [c.type for c in early.contact_points] == ["phone"]
    assert {c.type for c in late.contact_points} == {"phone", "email"}
    assert (early.event_count, late.event_count) == (0, 1)
    with pytest.raises(NotFound):
        await past(doors, "user_id:1", -1)


async def test_what_was_said_before_statements_were_kept(doors: Doors) -> None:
    await doors.take(call("m1", "user_id:1", at=0, city="x", plan="free"))
    async with doors.database.transaction(doors.workspace_id) as tx:
        await tx.execute("DELETE FROM trait_statements")
    await doors.take(call("m2", "user_id:1", at=10, plan="pro"))
    assert traits(await past(doors, "user_id:1", 5)) == {"city": "x"}
    assert traits(await past(doors, "user_id:1", 10)) == {"city": "x", "plan": "pro"}


def order(message_id: str, at: int, **data: Any) -> bytes:
    return call(message_id, "user_id:1", name="Order Completed", at=at, **data)


@pytest.mark.parametrize("page_size", [1, 4, 50])
async def test_a_time_line_is_the_same_at_every_page_size(doors: Doors, page_size: int) -> None:
    records = [call(f"e{n}", "user_id:1", name=f"E{n}", at=n // 3) for n in range(9)]
    records += [call(f"d{n}", "device_id:d", name=f"D{n}", at=n) for n in range(3)]
    records += [order(f"o{n}", n, order_id=f"o-{n}", total=n) for n in range(3)]
    await doors.take(*records, call("join", "user_id:1", "device_id:d"))
    person = (await doors.person("user_id:1")).profile_id

    async def listed(**fields: Any) -> list[tuple[str, str]]:
        items = await doors.pages("ListTimeline", "items", page_size, profile_id=person, **fields)
        assert [i.event_time.ToDatetime(UTC) for i in items] == sorted(
            (i.event_time.ToDatetime(UTC) for i in items), reverse=True
        )
        return [(i.kind, i.name) for i in items]

    whole = await listed()
    assert len(whole) == len(set(whole)) + 2 == 18  # three orders are also events, of one name
    assert sorted(n for k, n in whole if k == "order") == ["o-0", "o-1", "o-2"]
    assert await listed(kinds=["order"]) == [("order", f"o-{n}") for n in (2, 1, 0)]
    between = {"from_time": stamp(minute(1)), "to_time": stamp(minute(2))}
    assert sorted(n for _, n in await listed(kinds=["event"], **between)) == [
        "D1",
        "E3",
        "E4",
        "E5",
        "Order Completed",
    ]
    with pytest.raises(InvalidArgument):
        await listed(kinds=["dream"])


async def test_an_event_counts_while_its_identity_was_the_person(doors: Doors) -> None:
    """A shared tablet: before minute 5 it was the one, then the other."""
    await doors.take(
        call("a", "user_id:anna", city="x"),
        call("b", "user_id:ben", city="y"),
        *(call(f"t{n}", "device_id:tablet", name=f"T{n}", at=n) for n in range(10)),
    )
    anna, ben = await doors.person("user_id:anna"), await doors.person("user_id:ben")
    async with doors.database.transaction(doors.workspace_id) as tx:
        [tablet] = await tx.fetch("SELECT bucket, identity_id FROM identifiers WHERE type = 'device_id'")
        mine = "workspace_id = $1 AND identity_id = $2"
        whose = "UPDATE memberships SET profile_id = $3, profile_no = $4, "
        ids = (doors.workspace_id, tablet["identity_id"])
        await tx.execute(
            f"{whose} valid_from = $5 WHERE {mine}", *ids, ben.profile_id, ben.profile_no, minute(5)
        )
        await tx.execute(
            "INSERT INTO memberships SELECT workspace_id, bucket, identity_id, $3, $4, '-infinity', $5, version "
            f"FROM memberships WHERE {mine}", *ids, anna.profile_id, anna.profile_no, minute(5),
        )  # fmt: skip

    async def did(person: Any) -> list[str]:
        items = await doors.pages("ListTimeline", "items", 3, profile_id=person.profile_id)
        return [i.name for i in items]

    assert await did(anna) == ["T4", "T3", "T2", "T1", "T0"]
    assert await did(ben) == ["T9", "T8", "T7", "T6", "T5"]
    assert [(await doors.person(f"user_id:{who}")).event_count for who in ("anna", "ben")] == [5, 5]
    device = {"device_id"}
    assert device <= {i.type for i in (await past(doors, "user_id:anna", 4)).identifiers}
    assert not device & {i.type for i in (await past(doors, "user_id:anna", 5)).identifiers}


async def test_a_time_line_shows_what_it_may(doors: Doors) -> None:
    await doors.take(call("m", "user_id:1", name="Seen", unit="s1", mail="a@b.cn", price=12))
    person = (await doors.person("user_id:1")).profile_id
    [item] = (await doors.ask("ListTimeline", profile_id=person)).items
    details = json.loads(item.details_json)
    assert (details["properties"], details["org_unit_id"], details["message_id"]) == (
        {"price": 12},
        "s1",
        "m",
    )
    doors.confine("s2")
    for nobody in (person, str(new_id())):
        with pytest.raises(NotFound):
            await doors.ask("ListTimeline", profile_id=nobody)


async def test_numbers_that_no_database_holds_are_shown_as_they_came(doors: Doors) -> None:
    record = ingest_pb2.IngestRecord.FromString(call("m", "user_id:1", name="Seen"))
    record.properties_json = b'{"n":1e999999}'
    await doors.take(record.SerializeToString())
    [item] = (await doors.ask("ListTimeline", profile_id=(await doors.person("user_id:1")).profile_id)).items
    assert b'"n":1e999999' in item.details_json
