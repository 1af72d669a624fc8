"""Identifiers that are named without being verified: remembered and shown, and never a reason to take two for one."""

from typing import Any
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.ids import new_id
from profile_service.queries import people
from profile_service.store import erased

from tests.conftest import Databases

from .doors import Doors
from .harness import Profile, call


@pytest.fixture
async def profile(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Profile:
    return Profile(await databases("profile"), ciphers, clock, workspace_id)


async def shown(profile: Profile, identifier: str) -> dict[str, Any]:
    person = await Doors(profile).get(identifier)
    return {
        "identifiers": sorted(
            ((i.type, i.value, not i.unverified) for i in person.identifiers),
            key=lambda i: (not i[2], i[0] != "user_id"),
        ),
        "addresses": [(c.address, c.verified) for c in person.contact_points],
    }


async def written_to(profile: Profile, identifier: str) -> str:
    person = UUID((await Doors(profile).get(identifier)).profile_id)
    cipher = profile.ciphers.of(profile.workspace_id)
    async with profile.database.transaction(profile.workspace_id) as tx:
        row = (await people.freshest_contacts(tx, [person], "phone"))[person]
    return cipher.open(row["sealed_address"], b"contact" + row["contact_key"]).decode()


async def test_what_is_not_verified_joins_nobody_until_it_is(profile: Profile) -> None:
    claims = ["phone:13800001111", "member_id:88"]
    await profile.take(
        call("m1", "user_id:1", claims=claims, at=1),
        call("m2", "user_id:2", claims=claims, at=1, name="Seen"),
        call("m3", "member_id:88", "phone:13800001111", at=2),
    )
    assert {len(p) for p in await profile.partition()} == {1, 2}
    for user in ("user_id:1", "user_id:2"):
        assert await shown(profile, user) == {
            "identifiers": [("user_id", user[-1], True), ("member_id", "88", False)],
            "addresses": [("+86138****1111", False)],
        }
    await profile.take(call("m4", "user_id:1", "member_id:88", at=3))
    assert await shown(profile, "user_id:1") == {
        "identifiers": [("user_id", "1", True), ("member_id", "88", True), ("phone", "+86138****1111", True)],
        "addresses": [("+86138****1111", True)],
    }
    assert (await shown(profile, "user_id:2"))["identifiers"][1] == ("member_id", "88", False)


async def test_the_address_said_last_is_written_to_verified_or_not(profile: Profile) -> None:
    await profile.take(
        call("m1", "user_id:1", "phone:13800001111", at=1),
        call("m2", "user_id:1", claims=["phone:13800002222"], at=2),
        call("m3", "user_id:2", claims=["phone:13800002222"], at=1),
        call("m4", "user_id:2", phone="13800003333", at=2),
    )
    assert (await shown(profile, "user_id:1"))["addresses"] == [
        ("+86138****2222", False),
        ("+86138****1111", True),
    ]
    assert await written_to(profile, "user_id:1") == "+8613800002222"
    assert await written_to(profile, "user_id:2") == "+8613800003333"


async def test_a_call_that_verifies_nothing_is_set_aside(profile: Profile) -> None:
    assert await profile.take(call("m1", claims=["member_id:1"])) == []
    async with profile.database.transaction(profile.workspace_id) as tx:
        assert await tx.fetchval("SELECT reason FROM dead_letters") == "identifier_missing"
    both = call("m2", "user_id:1", "member_id:1", claims=["member_id:1", "phone:nonsense"])
    await profile.take(both)
    assert (await shown(profile, "user_id:1"))["identifiers"] == [
        ("user_id", "1", True),
        ("member_id", "1", True),
    ]
    async with profile.database.transaction(profile.workspace_id) as tx:
        assert await tx.fetchval("SELECT count(*) FROM identifier_claims") == 0
        assert await tx.fetchval("SELECT path FROM ingestion_issues") == "identifiers.phone"


async def test_a_claim_keeps_its_first_and_last_time(profile: Profile) -> None:
    for n, at in enumerate((5, 9, 3)):
        await profile.take(call(f"m{n}", "user_id:1", claims=["member_id:2"], at=at))
    async with profile.database.transaction(profile.workspace_id) as tx:
        [row] = await tx.fetch("SELECT first_time, last_time FROM identifier_claims")
    assert (row["last_time"] - row["first_time"]).total_seconds() == 360


async def test_a_claim_of_somebody_who_was_erased_is_not_kept(profile: Profile) -> None:
    cipher = profile.ciphers.of(profile.workspace_id)
    held_back = {erased.hash_of(("member_id", "", b"9"), cipher): True}
    async with profile.database.transaction(profile.workspace_id) as tx:
        await erased.hold_back(tx, new_id(), held_back, profile.clock.now())
    await profile.take(call("m1", "user_id:1", claims=["member_id:9", "member_id:8"]))
    assert (await shown(profile, "user_id:1"))["identifiers"] == [
        ("user_id", "1", True),
        ("member_id", "8", False),
    ]
