"""Events against what a workspace declared: reported, or set aside until they are mended; and what is personal."""

import json
from typing import Any
from uuid import UUID

import pytest
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.errors import InvalidArgument, NotFound
from profile_service.queries import issues
from waypost.profile.v1 import profile_service_pb2 as profile_pb
from waypost.profile.v1 import schema_service_pb2 as pb

from tests.conftest import Databases

from .doors import Doors
from .harness import Profile, call

ORDER = {
    "type": "object",
    "required": ["total"],
    "properties": {"total": {"type": "number", "minimum": 0}, "phone": {"type": "string"}},
}


@pytest.fixture
async def doors(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Doors:
    return Doors(Profile(await databases("profile"), ciphers, clock, workspace_id))


async def declare(doors: Doors, mode: int, unknown: int = pb.SCHEMA_MODE_ALLOW, event: str = "Paid") -> None:
    schema = pb.EventSchema(event=event, schema_json=json.dumps(ORDER).encode(), mode=mode, unknown=unknown)
    await doors.schemas.SetEventSchema(pb.SetEventSchemaRequest(schema=schema), None)


async def allow(doors: Doors, undeclared: int, **keys: list[str]) -> None:
    policy = pb.IngestionPolicy(undeclared=undeclared, **keys)
    await doors.schemas.SetIngestionPolicy(pb.SetIngestionPolicyRequest(policy=policy), None)


async def found(doors: Doors) -> dict[tuple[str, str, str], int]:
    async with doors.profile.database.transaction(doors.profile.workspace_id) as tx:
        return {(r["kind"], r["reason"], r["path"]): r["count"] for r in await issues.issues(tx, None, 100)}


async def count(doors: Doors) -> dict[str, int]:
    return {one.event: one.count for one in (await doors.get("user_id:1")).event_counts}


async def test_a_warning_stores_and_says_so(doors: Doors) -> None:
    await declare(doors, pb.SCHEMA_MODE_WARN, pb.SCHEMA_MODE_WARN)
    await doors.profile.take(
        call("m1", "user_id:1", name="Paid", total=-1, plan="x"),
        call("m2", "user_id:1", name="Paid", total=1, phone="13812345678"),
        call("m3", "user_id:1", name="Else", total="much"),
    )
    assert await count(doors) == {"Else": 1, "Paid": 2}
    assert {key: n for key, n in (await found(doors)).items() if key[0] == "schema"} == {
        ("schema", "schema_minimum", "properties/total"): 1,
        ("schema", "property_unknown", "properties/plan"): 1,
    }


async def test_a_blocked_call_waits_to_be_mended_under_its_own_id(doors: Doors) -> None:
    await doors.profile.take(call("m0", "user_id:1", name="Paid", total="before"))
    await declare(doors, pb.SCHEMA_MODE_BLOCK)
    bad, good = (
        call("m1", "user_id:1", name="Paid", total="13812345678"),
        call("m2", "user_id:1", name="Paid", total=1),
    )
    await doors.profile.take(bad, good, call("m0", "user_id:1", name="Paid", total="before"))
    assert await count(doors) == {"Paid": 2}
    reason = "schema_type:Paid:/total"
    assert await found(doors) == {("dead_letter", reason, ""): 1}
    listed = await doors.people.ListDeadLetters(profile_pb.ListDeadLettersRequest(reason=reason), None)
    [letter] = listed.dead_letters
    assert letter.record == bad
    assert "/total" in letter.detail
    assert "13812345678" not in letter.detail
    await doors.profile.take(call("m1", "user_id:1", name="Paid", total=12))
    await doors.profile.take(call("m1", "user_id:1", name="Paid", total=12))
    assert await count(doors) == {"Paid": 3}


async def test_undeclared_events_and_what_is_left_alone(doors: Doors) -> None:
    await declare(doors, pb.SCHEMA_MODE_ALLOW)
    await allow(doors, pb.SCHEMA_MODE_BLOCK)
    await doors.profile.take(
        call("m1", "user_id:1", nick="a"),
        call("m2", "user_id:1", group="acme"),
        call("m3", "user_id:1", name="Paid", total="much"),
        call("m4", "user_id:1", name="Typo"),
        call("m5", name="Typo"),
    )
    assert await count(doors) == {"Group Joined": 1, "Paid": 1}
    assert await found(doors) == {
        ("dead_letter", "event_undeclared:Typo:", ""): 1,
        ("dead_letter", "identifier_missing", ""): 1,
    }
    await allow(doors, pb.SCHEMA_MODE_WARN)
    await doors.profile.take(call("m4", "user_id:1", name="Typo"))
    assert (await found(doors))["schema", "event_undeclared", "properties"] == 1
    await doors.schemas.DeleteEventSchema(pb.DeleteEventSchemaRequest(event="Paid"), None)
    with pytest.raises(NotFound):
        await doors.schemas.DeleteEventSchema(pb.DeleteEventSchemaRequest(event="Paid"), None)


async def test_a_workspace_says_what_is_personal(doors: Doors) -> None:
    await allow(
        doors, pb.SCHEMA_MODE_ALLOW, personal_keys=["WeChat_Id"], allowed_keys=["birthday", "First_Name"]
    )
    [traits] = await doors.profile.take(
        call(
            "m1",
            "user_id:1",
            wechat_id="wx1",
            birthday="1990-01-01",
            first_name="A",
            address="road 1",
            phone="13812345678",
        )
    )
    assert json.loads(traits.traits.traits_json) == {"birthday": "1990-01-01", "first_name": "A"}
    [event] = await doors.profile.take(
        call("m2", "user_id:1", name="E", WECHAT_ID="wx1", birthday="1990", x=1)
    )
    assert json.loads(event.event.properties_json) == {"birthday": "1990", "x": 1}
    shown = json.loads((await doors.get("user_id:1")).traits_json)
    assert shown == {"wechat_id": "wx1", "birthday": "1990-01-01", "first_name": "A", "address": "road 1"}
    for key in ("phone", "Email", "nick"):
        with pytest.raises(InvalidArgument, match="may be allowed"):
            await allow(doors, pb.SCHEMA_MODE_ALLOW, allowed_keys=[key])


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ([], "/schema"),
        ({"type": ["string", "string"]}, "/schema"),
        ({"properties": {"a": {"pattern": "(a+)+$"}}}, "/schema/properties/a/pattern"),
        ({"properties": {"a/b": {"$ref": "http://x"}}}, "/schema/properties/a~1b/$ref"),
        ({"type": "text"}, "/schema/type"),
        ({"required": ["a", "a"]}, "/schema/required"),
        ({"properties": {"a": {"items": {"minLength": -1}}}}, "/schema/properties/a/items/minLength"),
        ({"properties": {"a": {"minimum": 10**30}}}, "/schema/properties/a/minimum"),
        ({"properties": []}, "/schema/properties"),
        ({"properties": {f"p{n}": {} for n in range(600)}}, "/schema/properties/p"),
    ],
)
async def test_a_schema_that_cannot_be_used_is_refused_with_its_place(
    doors: Doors, schema: Any, pointer: str
) -> None:
    made = pb.EventSchema(event="E", schema_json=json.dumps(schema).encode(), mode=2, unknown=1)
    with pytest.raises(InvalidArgument) as refused:
        await doors.schemas.SetEventSchema(pb.SetEventSchemaRequest(schema=made), None)
    metadata = refused.value.metadata
    assert metadata.get("pointer", f"/{metadata.get('field')}").startswith(pointer)
