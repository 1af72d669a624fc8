"""A preview says what the handler of INGEST would do, and leaves nothing behind."""

from typing import Any
from uuid import UUID

import pytest
from chassis import context
from chassis.bus import Bus
from chassis.clock import ManualClock
from chassis.context import Tenant
from chassis.crypto import Ciphers
from chassis.database import Database
from chassis.errors import InvalidArgument
from profile_service.api.preview_calls import MOST_CALLS, PreviewServicer
from profile_service.phones import parse_phone
from profile_service.store.settings_in_force import SettingsInForce
from profile_service.usecases.preview_calls import PreviewCalls
from waypost.profile.v1 import preview_service_pb2 as pb

from tests.conftest import Databases

from .harness import Profile, call


@pytest.fixture
async def profile(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Profile:
    context.enter(Tenant("gateway", workspace_id))
    return Profile(await databases("profile"), ciphers, clock, workspace_id)


def servicer(profile: Profile) -> PreviewServicer:
    preview = PreviewCalls(profile.database, profile.ciphers, profile.handler, SettingsInForce(), parse_phone)
    return PreviewServicer(preview, Bus("nats://127.0.0.1:1", "profile"))


async def previewed(profile: Profile, *records: bytes) -> list[tuple[str, int, str]]:
    answer = await servicer(profile).PreviewCalls(pb.PreviewCallsRequest(records=records), None)
    return [
        (pb.CallOutcome.Name(one.outcome).removeprefix("CALL_OUTCOME_").lower(), one.people, one.reason)
        for one in answer.previews
    ]


async def everything(database: Database, workspace_id: UUID) -> dict[str, Any]:
    async with database.transaction(workspace_id) as tx:
        names = [
            r["tablename"]
            for r in await tx.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]
        return {
            name: await tx.fetch(f"SELECT t::text FROM {name} t ORDER BY 1")
            for name in names
            if name not in ("number_blocks", "alembic_version")
        }


async def test_what_calls_would_do_is_told_and_not_done(profile: Profile) -> None:
    await profile.take(call("a", "user_id:anna", city="x"), call("b", "phone:13912345678", city="y"))
    before = await everything(profile.database, profile.workspace_id)
    assert await previewed(
        profile,
        call("1", "user_id:anna", city="z"),
        call("2", "user_id:new", "email:new@example.com"),
        call("3", "email:new@example.com", name="Seen"),
        call("4", "user_id:anna", "phone:13912345678"),
        call("5", "user_id:anna", "phone:+86 139 1234 5678"),
        call("6", "phone:13900", city="x"),
        b"\xff\xff",
    ) == [
        ("updated", 1, ""),
        ("created", 1, ""),
        ("updated", 1, ""),
        ("joined", 2, ""),
        ("updated", 1, ""),
        ("refused", 0, "identifier_missing"),
        ("refused", 0, "DecodeError"),
    ]  # fmt: skip
    assert await everything(profile.database, profile.workspace_id) == before


async def test_why_people_would_be_kept_apart_is_told(profile: Profile) -> None:
    await profile.take(
        call("a", "user_id:anna", "phone:13912345678", "device_id:tablet"), call("b", "user_id:ben", city="y")
    )
    assert await previewed(
        profile,
        call("1", "user_id:ben", "phone:13912345678", at=1),
        call("2", "user_id:new", "phone:13912345678", at=2),
        call("3", "user_id:ben", "device_id:tablet", at=3),
        call("4", "user_id:anna", "phone:13912345678", at=4),
    ) == [
        ("kept_apart", 2, "unique"),
        ("kept_apart", 2, "unique"),
        ("kept_apart", 2, "owned"),
        ("updated", 1, ""),
    ]


async def test_identifiers_are_checked_as_ingestion_reads_them(profile: Profile) -> None:
    values = [
        ("phone", "139 1234 5678"),
        ("phone", "12"),
        ("wechat_openid", "o1"),
        ("email", "a@b"),
        ("x", "null"),
    ]
    request = pb.CheckIdentifiersRequest(
        identifiers=[pb.CheckedIdentifier(type=kind, value=value) for kind, value in values]
    )
    answer = await servicer(profile).CheckIdentifiers(request, None)
    assert [(one.index, one.reason) for one in answer.refused] == [
        (1, "phone_invalid"),
        (2, "scope_missing"),
        (3, "email_invalid"),
        (4, "identifier_nobody"),
    ]


async def test_no_more_than_a_batch_is_previewed_at_once(profile: Profile) -> None:
    with pytest.raises(InvalidArgument):
        await previewed(profile, *[b""] * (MOST_CALLS + 1))
