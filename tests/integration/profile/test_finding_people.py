"""People found by id, by identifier, by part of what they are called, and in lists."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.errors import InvalidArgument
from chassis.ids import new_id
from chassis.lanes import LaneGate
from profile_service.api import search_servicer
from profile_service.usecases import find_people
from profile_service.usecases.index_old_people import BETWEEN, IndexOldPeople

from tests.conftest import Databases

from .harness import call
from .reading import Doors, key, stamp, traits

ANNA, BEN = "+8613912345678", "+8613800005678"


@pytest.fixture
async def doors(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Doors:
    return Doors(await databases("profile"), ciphers, clock, workspace_id)


async def named(doors: Doors, page_size: int = 20, **by: str) -> list[str]:
    """Nicks of those found, page by page."""
    return [
        traits(p).get("nick", "") for p in await doors.pages("SearchProfiles", "profiles", page_size, **by)
    ]


async def keys_stored(doors: Doors) -> int:
    async with doors.database.transaction(doors.workspace_id) as tx:
        return int(await tx.fetchval("SELECT count(*) FROM search_keys"))


async def test_many_at_once_in_the_order_asked(doors: Doors) -> None:
    await doors.take(
        call("m1", "user_id:anna", "device_id:d1", unit="s1", phone=ANNA, full_name="张 伟"),
        call("m2", "crm_id:ben", city="x"),
    )
    anna, ben = await doors.person("user_id:anna"), await doors.person("crm_id:ben")
    nobody = str(new_id())
    asked = ["crm_id:ben", nobody, "device_id:d1", ben.profile_id, "user_id:nobody", "user_id:anna"]
    answer = await doors.ask("BatchGetProfiles", profiles=[key(one) for one in asked])
    found = [answer.profiles[at].profile_id if at >= 0 else "" for at in answer.positions]
    assert found == [ben.profile_id, "", anna.profile_id, ben.profile_id, "", anna.profile_id]
    assert len(answer.profiles) == 2
    assert traits(anna) == {"full_name": "张 伟"}
    assert {(i.type, i.value) for i in anna.identifiers} == {("user_id", "anna"), ("device_id", "d1")}
    assert [c.address for c in anna.contact_points] == ["+86139****5678"]

    await doors.take(call("m3", "user_id:anna", "crm_id:ben"))
    merged = await doors.ask("BatchGetProfiles", profiles=[key(p.profile_id) for p in (anna, ben)])
    assert list(merged.positions) == [0, 0]
    doors.confine("s2")
    assert list((await doors.ask("BatchGetProfiles", profiles=[key("user_id:anna")])).positions) == [-1]
    doors.confine("s1", "s2")
    assert list((await doors.ask("BatchGetProfiles", profiles=[key("crm_id:ben")])).positions) == [0]


async def test_a_batch_with_something_that_is_no_key_says_which(doors: Doors) -> None:
    with pytest.raises(InvalidArgument) as refused:
        await doors.ask("BatchGetProfiles", profiles=[key("user_id:1"), key("phone:12")])
    assert refused.value.metadata == {"field": "profiles/1", "why": "phone_invalid"}
    with pytest.raises(InvalidArgument, match="500"):
        await doors.ask("BatchGetProfiles", profiles=[key("user_id:1")] * 501)


async def test_by_name_in_any_language_as_it_is_now(doors: Doors) -> None:
    await doors.take(
        call("m1", "user_id:1", nick="wei", full_name="张 伟明"),
        call("m2", "user_id:2", nick="anna", first_name="Anna", last_name="Schmidt"),
        call("m3", "user_id:3", nick="reverse", full_name="明伟张"),
        call("m4", "user_id:4", nick="wide", full_name="Ａｎｎａ"),
    )
    assert await named(doors, name="伟明") == ["wei"]
    assert await named(doors, name="张伟") == ["wei"]
    assert await named(doors, name="明张") == []
    assert await named(doors, name="anna") == ["wide", "anna"]
    assert await named(doors, name="schmidt anna") == ["anna"]
    assert await named(doors, name="ANNA SCHMIDT") == ["anna"]
    # All pairs are there, and still nobody is called so.
    await doors.take(call("m5", "user_id:5", nick="pairs", full_name="abcxbcd", nickname="bcbc"))
    assert await named(doors, name="abcd") == []
    before = await keys_stored(doors)
    await doors.take(call("m6", "user_id:1", at=1, full_name="李雷"))
    assert await named(doors, name="伟明") == []
    assert await named(doors, name="李雷") == ["wei"]
    await doors.take(
        call("m7", "user_id:1", at=2, full_name=None), call("m8", "user_id:5", at=1, full_name=None)
    )
    assert await named(doors, name="李雷") == []
    assert await keys_stored(doors) < before
    for wrong in ("张", " 张 ", "", "x" * 65):
        with pytest.raises(InvalidArgument):
            await named(doors, name=wrong)


async def test_by_the_ends_of_a_phone_and_the_halves_of_an_address(doors: Doors) -> None:
    await doors.take(
        call("m1", "user_id:1", nick="anna", phone=ANNA, unit="s1"),
        call("m2", "user_id:2", nick="ben", phone=BEN, email="Ben@Example.com"),
        call("m3", "user_id:3", nick="cleo", email="cleo@example.com"),
        call("m4", f"phone:{ANNA}", name="Called"),  # nobody said yet whose it is
    )
    assert await named(doors, phone_last4="5678") == ["", "ben", "anna"]
    assert await named(doors, phone_last4="0000") == []
    assert await named(doors, email_local="BEN") == ["ben"]
    await doors.take(call("m5", "user_id:5", nick="idn", email="x@例子.中国"))
    assert (
        await named(doors, email_domain="例子.中国")
        == await named(doors, email_domain="xn--fsqu00a.xn--fiqs8s")
        == ["idn"]
    )
    assert await named(doors, email_domain="example.com", page_size=1) == ["cleo", "ben"]
    doors.confine("s1")
    assert await named(doors, phone_last4="5678") == ["anna"]
    for wrong in ({"phone_last4": "567"}, {"phone_last4": "５６７８"}, {"email_domain": "nowhere"}, {}):
        with pytest.raises(InvalidArgument):
            await named(doors, **wrong)


async def test_by_a_whole_number_or_address_whoever_has_it(doors: Doors) -> None:
    """What identifies and what is only written to; verified or not, and in whatever spelling."""
    await doors.take(
        call("m1", "user_id:1", nick="anna", phone=ANNA, email="Anna@Example.com", unit="s1"),
        call("m2", "user_id:2", nick="ben", phone=ANNA),
        call("m3", "user_id:3", f"phone:{ANNA}", nick="cleo"),
        call("m4", "user_id:4", nick="moved", at=0, phone=ANNA),
        call("m5", "user_id:4", at=1, phone=BEN),
    )
    for spelling in (ANNA, "139 1234 5678", "0086-13912345678"):
        assert await named(doors, phone=spelling) == ["moved", "cleo", "ben", "anna"]
    # Cleo by her number's identity and by her own.
    one_by_one = await named(doors, phone=ANNA, page_size=1)
    assert one_by_one == ["moved", "cleo", "cleo", "ben", "anna"]
    assert await named(doors, email="anna@example.COM") == ["anna"]
    assert await named(doors, phone="+8613900000000") == await named(doors, email="x@example.com") == []
    doors.confine("s1")
    assert await named(doors, phone=ANNA) == ["anna"]
    for by, wrong in (("phone", "12"), ("email", "nowhere")):
        with pytest.raises(InvalidArgument) as refused:
            await named(doors, **{by: wrong})
        assert refused.value.metadata["field"] == by


async def test_a_search_that_finds_little_goes_on(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many share the rarest pair, and few fit: a call looks at so many, and says where it ended."""
    monkeypatch.setattr(find_people, "_STEP", 3)
    monkeypatch.setattr(find_people, "MOST_CANDIDATES", 6)
    await doors.take(
        *(
            call(f"m{n}", f"user_id:u{n}", nick=str(n), full_name="abab" if n % 5 else "bababx")
            for n in range(20)
        )
    )
    assert await named(doors, name="babab", page_size=2) == ["15", "10", "5", "0"]
    answer = await doors.ask("SearchProfiles", name="babab", page_size=2)
    assert (len(answer.profiles), bool(answer.next_page_token)) == (1, True)
    assert sorted(await named(doors, name="abab", page_size=7)) == sorted(map(str, range(20)))


async def test_lists_by_time_type_and_org_unit(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_servicer, "_STEP", 4)
    monkeypatch.setattr(search_servicer, "MOST_LOOKED_AT", 8)
    clock = doors.clock
    for n in range(12):
        more = (f"member_id:m{n}",) if n % 6 == 0 else ()
        await doors.take(call(f"m{n}", f"user_id:u{n}", *more, unit=f"s{n % 3}", nick=str(n)))
        clock.advance(timedelta(minutes=1))

    async def listed(page_size: int = 5, **fields: object) -> list[str]:
        return [traits(p)["nick"] for p in await doors.pages("ListProfiles", "profiles", page_size, **fields)]

    newest_first = [str(n) for n in reversed(range(12))]
    assert await listed() == newest_first
    assert await listed(page_size=12) == newest_first
    assert await listed(identifier_type="member_id") == ["6", "0"]
    assert await listed(org_unit_id="s1") == ["10", "7", "4", "1"]
    start = datetime(2026, 11, 1, 12, tzinfo=UTC)
    between = {
        "update_from_time": stamp(start + timedelta(minutes=3)),
        "update_to_time": stamp(start + timedelta(minutes=6)),
    }
    assert await listed(**between) == ["5", "4", "3"]
    assert await listed(create_to_time=stamp(datetime(2020, 1, 1, tzinfo=UTC))) == []
    everybody = {
        "create_from_time": stamp(datetime(2020, 1, 1, tzinfo=UTC)),
        "create_to_time": stamp(datetime(2100, 1, 1, tzinfo=UTC)),
    }
    assert await listed(**everybody) == newest_first
    doors.confine("s2")
    assert await listed() == ["11", "8", "5", "2"]
    assert await listed(org_unit_id="s1") == []


async def test_people_of_before_the_index_are_indexed(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("profile_service.usecases.index_old_people._STEP", 3)
    monkeypatch.setattr("profile_service.usecases.index_old_people._REST_S", 0)
    indexing = IndexOldPeople(doors.database, doors.ciphers, doors.clock, LaneGate(1))
    await doors.take(
        *(call(f"m{n}", f"user_id:u{n}", nick=str(n), full_name="张伟", phone=ANNA) for n in range(10))
    )

    async def forget() -> int:
        async with doors.database.transaction(doors.workspace_id) as tx:
            return len(await tx.fetch("DELETE FROM search_keys RETURNING 1"))

    stored = await forget()
    await indexing.pass_once()
    assert await keys_stored(doors) == stored == 20
    assert len(await named(doors, name="张伟")) == len(await named(doors, phone_last4="5678")) == 10
    # What the release before wrote meanwhile is found an hour later, and then it is over.
    for after, expected in ((timedelta(), 0), (BETWEEN, 20), (BETWEEN, 0)):
        await forget()
        doors.clock.advance(after)
        await indexing.pass_once()
        assert await keys_stored(doors) == expected
