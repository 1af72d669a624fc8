"""Org units as a tree, staff in it, and relations that hang on identities."""

from typing import Any
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.errors import InvalidArgument, NotFound, StateConflict
from chassis.ids import new_id
from profile_service.domain.org_units import MOST_DEPTH
from profile_service.usecases import keep_relations
from waypost.profile.v1 import directory_service_pb2 as pb

from tests.conftest import Databases

from .doors import Doors
from .harness import Profile, call


@pytest.fixture
async def doors(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Doors:
    return Doors(Profile(await databases("profile"), ciphers, clock, workspace_id))


async def unit(doors: Doors, unit_id: str, parent: str = "", kind: str = "region") -> None:
    made = pb.OrgUnit(org_unit_id=unit_id, parent_id=parent, name=unit_id.upper(), kind=kind)
    await doors.directory.SetOrgUnit(pb.SetOrgUnitRequest(org_unit=made), None)


async def employ(doors: Doors, staff_id: str, unit_id: str = "", **more: Any) -> None:
    member = pb.StaffMember(staff_id=staff_id, org_unit_id=unit_id, **{"active": True, **more})
    await doors.directory.SetStaffMember(pb.SetStaffMemberRequest(staff_member=member), None)


async def relate(
    doors: Doors, profile_id: str, staff_id: str, kind: str = "wecom", **more: Any
) -> pb.Relation:
    request = pb.AddRelationRequest(profile_id=profile_id, staff_id=staff_id, kind=kind, **more)
    return (await doors.directory.AddRelation(request, None)).relation


async def related(doors: Doors, **asked: Any) -> list[tuple[str, str]]:
    answer = await doors.directory.ListRelations(pb.ListRelationsRequest(**asked), None)
    return [(one.staff_id, "ended" if one.HasField("end_time") else "lasts") for one in answer.relations]


async def person(doors: Doors, name: str, **data: Any) -> str:
    records = await doors.profile.take(call(f"born-{name}", f"crm_id:{name}", **data, nick=name))
    return records[0].person.profile_id


async def test_a_confined_caller_sees_the_whole_subtree(doors: Doors) -> None:
    await unit(doors, "brand", kind="brand")
    await unit(doors, "north", "brand")
    await unit(doors, "s1", "north", "store")
    await unit(doors, "south", "brand")
    await employ(doors, "ann", "s1")
    await employ(doors, "bob", "south")
    for name, place in (("anna", "s1"), ("ben", "south"), ("cleo", "free-text")):
        await person(doors, name, unit=place)

    async def seen(*units: str) -> list[str]:
        doors.enter(*units)
        found = []
        for name in ("anna", "ben", "cleo"):
            try:
                found.append((await doors.get(f"crm_id:{name}")) and name)
            except NotFound:
                continue
        return found

    async def listed(**asked: str) -> list[str]:
        answer = await doors.directory.ListOrgUnits(pb.ListOrgUnitsRequest(**asked), None)
        return [one.org_unit_id for one in answer.org_units]

    assert await seen("brand") == ["anna", "ben"]
    assert await listed() == ["brand", "north", "s1", "south"]
    assert await seen("north") == ["anna"]
    assert await listed() == ["north", "s1"]
    assert await listed(under="brand") == ["north", "s1"]
    assert [s.staff_id for s in (await doors.directory.ListStaff(pb.ListStaffRequest(), None)).staff] == [
        "ann"
    ]
    with pytest.raises(NotFound):
        await related(doors, staff_id="bob")
    anna = (await doors.get("crm_id:anna")).profile_id
    assert (await relate(doors, anna, "ann")).staff_id == "ann"
    with pytest.raises(InvalidArgument, match="no active member"):
        await relate(doors, anna, "bob")
    assert await seen("free-text") == ["cleo"]
    with pytest.raises(NotFound):
        await relate(doors, anna, "ann", kind="adviser")
    doors.enter()
    await unit(doors, "s1", "south", "store")  # it moves
    assert await seen("north") == []
    assert await seen("south") == ["anna", "ben"]


async def test_a_relation_stays_when_the_device_that_named_the_person_is_anothers(doors: Doors) -> None:
    await unit(doors, "s1")
    await employ(doors, "ann", "s1")
    tablet = "device_id:tablet"
    await doors.profile.take(call("1", "crm_id:anna", tablet), call("2", "crm_id:ben"))
    device = [i.identity_id for i in (await doors.get("crm_id:anna")).identifiers if i.type == "device_id"]
    assert (await relate(doors, device[0], "ann")).staff_id == "ann"
    await doors.profile.take(call("3", "crm_id:ben", tablet, at=-60))  # Ben had it first
    anna, ben = [(await doors.get(f"crm_id:{name}")).profile_id for name in ("anna", "ben")]
    assert (await doors.get(tablet)).profile_id == ben
    assert await related(doors, profile_id=anna) == [("ann", "lasts")]
    assert await related(doors, profile_id=ben) == []


async def test_the_tree_closes_no_circle_and_stays_shallow(doors: Doors) -> None:
    await unit(doors, "u0")
    for level in range(1, MOST_DEPTH):
        await unit(doors, f"u{level}", f"u{level - 1}")
    with pytest.raises(StateConflict, match="u0 > u1 > u2 > u0"):
        await unit(doors, "u0", "u2")
    with pytest.raises(StateConflict, match="circle"):
        await unit(doors, "u3", "u3")
    with pytest.raises(StateConflict, match="levels"):
        await unit(doors, "deeper", f"u{MOST_DEPTH - 1}")
    await unit(doors, "root")
    with pytest.raises(StateConflict, match="levels"):
        await unit(doors, "u0", "root")
    with pytest.raises(InvalidArgument, match="no org unit"):
        await unit(doors, "other", "nowhere")
    with pytest.raises(InvalidArgument, match="brand, region, store"):
        await unit(doors, "other", kind="planet")
    with pytest.raises(InvalidArgument, match="no org unit"):
        await employ(doors, "ann", "nowhere")
    await employ(doors, "ann", wecom_user_id="w1")
    with pytest.raises(StateConflict, match="WeCom"):
        await employ(doors, "bob", wecom_user_id="w1")
    await employ(doors, "ann", wecom_user_id="w1", name="Ann")


async def test_one_relation_of_a_kind_lasts_between_two_also_after_a_merge(doors: Doors) -> None:
    await unit(doors, "s1", kind="store")
    await employ(doors, "ann", "s1")
    one, two = await person(doors, "1"), await person(doors, "2")
    first = await relate(doors, one, "ann")
    assert (await relate(doors, one, "ann")).relation_id == first.relation_id
    second = await relate(doors, two, "ann")
    await relate(doors, one, "ann", kind="adviser")
    assert await related(doors, profile_id=one) == [("ann", "lasts"), ("ann", "lasts")]
    await doors.profile.take(call("join", "crm_id:1", "crm_id:2"))
    assert await related(doors, profile_id=two) == [("ann", "lasts"), ("ann", "lasts")]
    assert (await relate(doors, two, "ann")).relation_id == first.relation_id

    end = pb.EndRelationRequest(
        profile_id=two, relation_id=first.relation_id, ended_by="customer", reason="deleted us"
    )
    ended = (await doors.directory.EndRelation(end, None)).relation
    assert (ended.ended_by, ended.end_reason, ended.profile_id) == ("customer", "deleted us", one)
    assert await related(doors, profile_id=one, active_only=True) == [("ann", "lasts")]
    for again in (first.relation_id, second.relation_id):
        end.relation_id = again
        with pytest.raises(StateConflict, match="has ended"):
            await doors.directory.EndRelation(end, None)
    end.relation_id = str(new_id())
    with pytest.raises(NotFound):
        await doors.directory.EndRelation(end, None)

    told = [(r.person.identity_id, r.relation) for r in await doors.published()]
    assert [(who, r.HasField("end_time"), r.org_unit_id) for who, r in told[:3]] == [
        (one, False, "s1"),
        (two, False, "s1"),
        (one, False, "s1"),
    ]
    assert {(who, r.ended_by) for who, r in told[3:]} == {(one, "customer"), (two, "customer")}
    assert len({r.version for _, r in told}) == 5


async def test_relations_are_handed_over(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep_relations, "MOST_AT_ONCE", 3)
    for name in ("ann", "bob", "gone"):
        await employ(doors, name)
    people = [await person(doors, f"u{n}") for n in range(5)]
    relations = [await relate(doors, who, "ann") for who in people]
    await relate(doors, people[0], "bob")  # has him already
    await relate(doors, people[1], "ann", kind="adviser")
    move = pb.TransferRelationRequest(
        profile_id=people[2], relation_id=relations[2].relation_id, to_staff_id="bob", reason="asked"
    )
    moved = (await doors.directory.TransferRelation(move, None)).relation
    assert (moved.staff_id, moved.kind, moved.source) == ("bob", "wecom", "transfer")
    await employ(doors, "gone", active=False)
    refused = pb.TransferStaffRelationsRequest(staff_id="ann", to_staff_id="gone")
    with pytest.raises(InvalidArgument, match="active"):
        await doors.directory.TransferStaffRelations(refused, None)

    await employ(doors, "ann", active=False)
    pages = []
    while not pages or pages[-1].more:
        request = pb.TransferStaffRelationsRequest(
            staff_id="ann", to_staff_id="bob", kind="wecom", reason="left", request_id=str(len(pages))
        )
        pages.append(await doors.directory.TransferStaffRelations(request, None))
    assert [p.transferred for p in pages] == [3, 1]
    assert await related(doors, staff_id="ann", active_only=True) == [("ann", "lasts")]  # the adviser
    assert await related(doors, staff_id="bob") == [("bob", "lasts")] * 5
    answer = await doors.directory.ListRelations(pb.ListRelationsRequest(profile_id=people[0]), None)
    assert {(r.staff_id, r.ended_by, r.transferred_to) for r in answer.relations} == {
        ("ann", "staff", "bob"),
        ("bob", "", ""),
    }
    begun = [r for r in await doors.published() if not r.relation.HasField("end_time")]
    assert len(begun) == 7 + 1 + 3  # five and two made, one moved, three taken over


async def test_pages_of_relations(doors: Doors) -> None:
    await employ(doors, "ann")
    who = await person(doors, "1")
    made = [(await relate(doors, who, "ann", kind=f"k{n}")).relation_id for n in range(5)]
    seen: list[str] = []
    request = pb.ListRelationsRequest(profile_id=who, page_size=2)
    while not seen or request.page_token:
        answer = await doors.directory.ListRelations(request, None)
        seen += [one.relation_id for one in answer.relations]
        request.page_token = answer.next_page_token
    assert seen == made[::-1]
