"""Group calls and calls about accounts: whose traits they are, who is of them, in any order."""

import json
from datetime import timedelta
from random import Random
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.errors import NotFound
from waypost.profile.v1 import directory_service_pb2 as pb

from tests.conftest import Databases

from .doors import Doors
from .harness import START, Profile, call


@pytest.fixture
async def doors(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Doors:
    return Doors(Profile(await databases("profile"), ciphers, clock, workspace_id))


async def account(doors: Doors, account_id: str) -> pb.Account:
    return (await doors.directory.GetAccount(pb.GetAccountRequest(account_id=account_id), None)).account


async def test_a_groups_traits_are_the_accounts_whatever_the_order(doors: Doors) -> None:
    calls = [
        call("m1", "user_id:1", at=1, group="acme", plan="free", employees=3),
        call("m2", "user_id:2", at=2, group="acme", plan="pro", email="info@acme.cn"),
        call("m3", "user_id:1", at=3, group="acme", employees=None),
        call("m4", "user_id:1", at=4, group="other", plan="x"),
        call("m5", "user_id:1", at=0, nick="anna"),
    ]
    Random(3).shuffle(calls)
    told = [record for one in calls for record in await doors.profile.take(one)]
    assert {r.event.name for r in told if r.HasField("event")} == {"Group Joined"}
    assert [json.loads(r.traits.traits_json) for r in told if r.HasField("traits")] == [{"nick": "anna"}]
    assert json.loads((await account(doors, "acme")).traits_json) == {"plan": "pro"}
    shown = await doors.get("user_id:1")
    assert json.loads(shown.traits_json) == {"nick": "anna"}
    assert [(a.account_id, a.HasField("end_time")) for a in shown.accounts] == [
        ("acme", False),
        ("other", False),
    ]
    assert shown.accounts[0].start_time.ToDatetime() == (START + timedelta(minutes=1)).replace(tzinfo=None)
    assert not (await doors.get("user_id:2")).contact_points, "the company's address is not the person's"


async def test_members_have_roles_until_they_leave(doors: Doors, clock: ManualClock) -> None:
    await doors.profile.take(call("m1", "user_id:1", group="acme"), call("m2", "crm_id:2", nick="b"))
    one, two = [(await doors.get(who)).profile_id for who in ("user_id:1", "crm_id:2")]
    traits = pb.SetAccountRequest(
        account_id="acme", traits_json=b'{"name": "Acme", "phone": "+8613812345678"}'
    )
    made = (await doors.directory.SetAccount(traits, None)).account
    assert (made.name, json.loads(made.traits_json)) == ("Acme", {"name": "Acme"})

    async def put(profile_id: str, account_id: str = "acme", **more: object) -> pb.AccountMember:
        request = pb.SetAccountMemberRequest(account_id=account_id, profile_id=profile_id, **more)
        return (await doors.directory.SetAccountMember(request, None)).member

    async def listed() -> list[tuple[str, str, bool]]:
        answer = await doors.directory.ListAccountMembers(
            pb.ListAccountMembersRequest(account_id="acme"), None
        )
        return [(m.profile_id, m.role, m.HasField("end_time")) for m in answer.members]

    await put(two, role="buyer")
    await put(one, role="owner")
    assert sorted(await listed()) == sorted([(one, "owner", False), (two, "buyer", False)])
    assert (await put(two, ended=True)).HasField("end_time")
    [shown] = (await doors.get("crm_id:2")).accounts
    assert (shown.name, shown.role, shown.HasField("end_time")) == ("Acme", "buyer", True)
    # What was said before the end does not bring anybody back; a later word does.
    await doors.profile.take(call("m3", "crm_id:2", at=1, group="acme"))
    assert (await doors.get("crm_id:2")).accounts[0].HasField("end_time")
    await doors.profile.take(call("m4", "crm_id:2", at=60 * 24 * 60, group="acme"))
    assert not (await doors.get("crm_id:2")).accounts[0].HasField("end_time")
    await doors.profile.take(call("m5", "user_id:1", "crm_id:2"))
    assert [m[0] for m in await listed()] == [one, one]
    assert len((await doors.get("user_id:1")).accounts) == 1
    for nothing in (lambda: put(one, "nobody"), lambda: account(doors, "nobody")):
        with pytest.raises(NotFound):
            await nothing()
