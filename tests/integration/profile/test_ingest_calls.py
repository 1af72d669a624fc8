"""People out of calls, on real PostgreSQL as the application role."""

import asyncio
import json
import random
from datetime import timedelta
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.lanes import LaneGate
from profile_service.queries import health, issues, people
from profile_service.store import identifiers
from profile_service.usecases.expire_letters import ExpireLetters

from tests.conftest import Databases

from .harness import Profile, call, plain_way


@pytest.fixture
async def profile(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Profile:
    return Profile(await databases("profile"), ciphers, clock, workspace_id)


async def test_one_record_with_three_identifiers_is_one_person(profile: Profile) -> None:
    await profile.take(
        call("m1", "member_id:88", "phone:138 1234 5678", "wechat_openid:oA", city="上海", name="𠮷田")
    )
    assert len(await profile.partition()) == 1
    async with profile.database.transaction(profile.workspace_id) as tx:
        key = "member_id", "", b"88"
        person = (await identifiers.find(tx, [key]))[key].profile_id
        contacts = await people.freshest_contacts(tx, [person], "phone")
        assert contacts[person]["current_id"] == person
        sealed = contacts[person]
    cipher = profile.ciphers.of(profile.workspace_id)
    assert cipher.open(sealed["sealed_address"], b"contact" + sealed["contact_key"]) == b"+8613812345678"


async def test_a_later_record_joins_two_people_and_says_so(profile: Profile) -> None:
    await profile.take(call("m1", "wechat_openid:oA", name="Follow"))
    await profile.take(call("m2", "member_id:88", name="Order Completed", total=12.5, order_id="o1"))
    records = await profile.take(call("m3", "member_id:88", "wechat_openid:oA", tier="gold"))
    merged = [r.merged for r in records if r.HasField("merged")]
    assert len(merged) == 1
    assert len(merged[0].merged_profile_ids) == 1
    assert {m.profile_id for m in merged[0].memberships} == {records[0].person.profile_id}
    assert len(await profile.partition()) == 1
    async with profile.database.transaction(profile.workspace_id) as tx:
        loser = UUID(merged[0].merged_profile_ids[0])
        assert str(await people.resolve(tx, loser)) == records[0].person.profile_id
        assert len(await people.merges(tx, None, None, 10)) == 1


async def test_a_repeat_changes_nothing(profile: Profile) -> None:
    record = call("m1", "member_id:1", name="Order Completed", total=3)
    assert len(await profile.take(record, record)) == 1
    assert await profile.take(record) == []


async def test_personal_data_stays_behind(profile: Profile) -> None:
    record = call(
        "m1",
        "member_id:1",
        name="Form Sent",
        mobile="13812345678",
        note="call 13812345678",
        alt="13812345678",
    )
    (out,) = await profile.take(record)
    properties = json.loads(out.event.properties_json)
    assert "mobile" not in properties
    assert properties["alt"] is None
    async with profile.database.transaction(profile.workspace_id) as tx:
        paths = {i["path"] for i in await issues.issues(tx, None, 10)}
    assert paths == {"properties.mobile", "properties.alt"}


async def test_a_call_nobody_can_be_found_for_is_kept_as_a_dead_letter(profile: Profile) -> None:
    assert await profile.take(call("m1", "phone:12", name="E"), call("m2", "member_id:2", name="E")) != []
    async with profile.database.transaction(profile.workspace_id) as tx:
        found = await health.health(tx)
        reasons = {i["reason"] for i in await issues.issues(tx, None, 10)}
    assert (found.dead_letters, found.events) == (1, 1)
    assert reasons == {"phone_invalid", "identifier_missing"}


async def test_a_dead_letter_is_not_seen_and_leaves_after_a_week(
    profile: Profile, clock: ManualClock
) -> None:
    lost = call("m1", "phone:12", name="E")
    for _ in range(2):
        await profile.take(lost)
    # Mended under its own message id it is stored, once.
    mended = call("m1", "member_id:1", name="E")
    assert [r.event.name for r in await profile.take(mended, mended)] == ["E"]
    assert await profile.take(mended) == []
    expiry = ExpireLetters(profile.database, clock, LaneGate(1))

    async def kept() -> int:
        async with profile.database.transaction(profile.workspace_id) as tx:
            await tx.execute("UPDATE dead_letters SET created_at = $1", clock.now() - timedelta(days=6))
        await expiry.pass_once()
        async with profile.database.transaction(profile.workspace_id) as tx:
            return (await health.health(tx)).dead_letters

    assert await kept() == 2
    clock.advance(timedelta(days=2))
    await expiry.pass_once()
    async with profile.database.transaction(profile.workspace_id) as tx:
        assert (await health.health(tx)).dead_letters == 0


def facts(seed: int, count: int = 120) -> list[bytes]:
    chooser = random.Random(seed)
    kinds = ("member_id", "wechat_unionid", "device_id", "user_id")
    found = []
    for n in range(count):
        chosen = {f"{kind}:v{chooser.randrange(60)}" for kind in chooser.sample(kinds, chooser.randint(1, 2))}
        found.append(call(f"m{n}", *sorted(chosen), at=n, city=f"c{n % 7}"))
    return found


async def test_two_planners_over_one_cluster_lose_nothing(profile: Profile) -> None:
    """Concurrent batches that create, join and rejoin the same people end as one after another would."""
    records = facts(seed=9, count=200)
    chooser = random.Random(5)
    batches = [[chooser.choice(records) for _ in range(6)] for _ in range(75)] + [[r] for r in records]

    async def worker(mine: list[list[bytes]]) -> None:
        for batch in mine:
            await profile.take(*batch)

    await asyncio.gather(*(worker(batches[n::4]) for n in range(4)))
    expected = plain_way(records).people()
    found = await profile.partition()
    assert found == expected
    async with profile.database.transaction(profile.workspace_id) as tx:
        named = await tx.fetchval(
            "SELECT count(*) FROM memberships m JOIN identities i USING (workspace_id, identity_id) "
            "GROUP BY m.profile_id HAVING min(i.identity_no) <> min(m.profile_no) OR min(m.profile_no) <> max(m.profile_no) "
        )
    assert named is None
