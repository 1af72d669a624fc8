"""Calls made to break what stores them: each falls alone, and never holds up its partition."""

import secrets
from uuid import UUID

import pytest
from chassis.bus import Source
from chassis.clock import ManualClock
from chassis.crypto import Ciphers
from chassis.handling import Batch, Part, apply_halving
from profile_service.events.read_ingest import MAX_ISSUES, MAX_PATH_CHARS
from profile_service.queries import issues as issue_queries
from waypost.profile.v1 import ingest_pb2

from tests.conftest import Databases

from .harness import Profile, call

LONG = secrets.token_hex(4_000)
"""Does not compress: an index row of it is larger than PostgreSQL's limit."""
CHARACTERS = "".join(chr(0x4E00 + byte) for byte in secrets.token_bytes(4_000))


def scoped(scope: str, value: str) -> bytes:
    record = ingest_pb2.IngestRecord.FromString(call("bad", name="E"))
    record.identifiers.add(type="wechat_openid", scope=scope, value=value)
    return record.SerializeToString()


@pytest.fixture
async def profile(databases: Databases, ciphers: Ciphers, clock: ManualClock, workspace_id: UUID) -> Profile:
    return Profile(await databases("profile"), ciphers, clock, workspace_id)


@pytest.mark.parametrize(
    "bad",
    [
        call("bad", "member_id:1", name="Order Completed", order_id=LONG, total=1),
        call("bad", "member_id:1", name="E", **{LONG: "13812345678"}),
        call("bad", "member_id:1", **{LONG: "13812345678"}),
        call("bad", "member_id:1", name="E", **{f"{n}{LONG[:9]}": "a@b.cn" for n in range(2_000)}),
        call("bad", f"member_id:{CHARACTERS[:512]}", name="E"),
        call("bad", f"member_id:{CHARACTERS}", name="E"),
        scoped(CHARACTERS[:512], CHARACTERS[512:1024]),
        call(LONG, "member_id:1", name="E"),
        call("bad", "member_id:1", name=LONG),
        call(
            "bad", "member_id:1", name="E", a=[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["x"]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
        ),
        call("bad", "member_id:1", **{f"t{n}": n for n in range(5_000)}),
        call("bad", "member_id:1", name="Order Completed", order_id="o", total=1e308, currency="CNY"),
        call("bad", "member_id:1", name="Order Completed", order_id="o", total=-(10**30), products="no list"),
    ],
    ids=lambda raw: None,
)
async def test_neighbours_of_a_hostile_call_are_stored(profile: Profile, bad: bytes) -> None:
    source = Source("INGEST", "live", 0)
    good = [call(f"g{n}", f"member_id:good{n}", name="E") for n in range(4)]
    records = [*good[:2], bad, *good[2:]]
    batch = Batch(profile.workspace_id, source, records)
    outputs, dead = await profile.database.run(
        profile.workspace_id, lambda tx: apply_halving(profile.handler, tx, Part(batch, None))
    )
    assert [one.record for one in dead] in ([], [bad])
    async with profile.database.transaction(profile.workspace_id) as tx:
        stored = {r["message_id"] for r in await tx.fetch("SELECT message_id FROM events")}
        issues = await issue_queries.issues(tx, None, 100)
    assert {f"g{n}" for n in range(4)} <= stored
    assert outputs
    assert len(issues) <= MAX_ISSUES
    assert all(len(issue["path"]) <= MAX_PATH_CHARS for issue in issues)
