"""Segment's and RudderStack's own SDKs, unchanged but for the host, against the running platform."""

import asyncio
import json
from collections import Counter
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from waypost.profile.v1 import ingest_pb2
from waypost_dev.stack import Stack

from tests.e2e.clients.ingested import ingested
from tests.e2e.clients.sdks import SDKS, Sdk, Spoken, speak
from tests.e2e.clients.way import Fault, Way, way_to
from tests.e2e.conftest import client_of
from tests.scenario import settle
from tests.waiting import until

KINDS = {
    ingest_pb2.INGEST_KIND_IDENTIFY: "",
    ingest_pb2.INGEST_KIND_TRACK: "Client Spoke",
    ingest_pb2.INGEST_KIND_PAGE: "Home",
    ingest_pb2.INGEST_KIND_SCREEN: "Cart",
    ingest_pb2.INGEST_KIND_GROUP: "42",
    ingest_pb2.INGEST_KIND_ALIAS: "",
}
each = pytest.mark.parametrize("sdk", SDKS, ids=str)


def someone() -> tuple[str, datetime]:
    """A user nobody else speaks about, and a moment that an answer's arrival cannot be taken for."""
    return f"client-{uuid4()}", datetime.now(UTC) - timedelta(minutes=10)


async def speak_to(stack: Stack, url: str, sdk: Sdk, user: str, happened: datetime) -> Spoken:
    return await speak(sdk, url, stack.env["WAYPOST_WRITE_KEY"], user, happened)


async def counts_once(stack: Stack, user: str) -> None:
    """The person's track, page, screen and group, each one time."""
    async with client_of(stack) as client:
        await settle(stack, client, seconds=60)
        assert (await client.get(f"/v1/profiles/user_id:{user}"))["event_count"] == 4


@each
async def test_all_six_calls_are_stored_as_they_were_made(stack: Stack, sdk: Sdk) -> None:
    user, happened = someone()
    spoken = await speak_to(stack, stack.url, sdk, user, happened)
    assert not spoken.failure
    records = await ingested(stack, user)
    assert {r.kind: r.name for r in records} == KINDS
    assert Counter(r.meta.record_id for r in records) == Counter(spoken.message_ids)
    for record in records:
        late = record.meta.event_time.ToDatetime(UTC) - happened
        assert abs(late) < timedelta(seconds=30), f"{record.kind} is dated {late} off"
        assert not record.meta.historical
        named = {(one.type, one.value) for one in record.identifiers}
        before = {("user_id", f"{user}-before")} if record.kind == ingest_pb2.INGEST_KIND_ALIAS else set()
        assert named == {("user_id", user)} | before
    stored = {r.kind: r for r in records}
    assert json.loads(stored[ingest_pb2.INGEST_KIND_IDENTIFY].traits_json) == {"city": "上海"}
    assert json.loads(stored[ingest_pb2.INGEST_KIND_TRACK].properties_json) == {"total": 12.5}
    assert json.loads(stored[ingest_pb2.INGEST_KIND_GROUP].traits_json) == {"plan": "pro"}


@each
async def test_what_an_sdk_sends_again_counts_once(stack: Stack, sdk: Sdk) -> None:
    user, happened = someone()
    async with way_to(stack.url, Fault.BUSY, Fault.LOST_ANSWER) as way:
        spoken = await speak_to(stack, way.url, sdk, user, happened)
    assert not spoken.failure
    assert way.statuses[:3] == [429, 503, 200]
    records = await ingested(stack, user)
    assert {r.meta.record_id for r in records} == set(spoken.message_ids)
    assert len(records) > len(spoken.message_ids), "no call reached the broker twice: nothing was tried here"
    await counts_once(stack, user)


async def test_sdks_sit_out_an_outage_of_the_broker(stack: Stack) -> None:
    people = [someone() for _ in SDKS]
    async with AsyncExitStack() as opened:
        ways = [await opened.enter_async_context(way_to(stack.url)) for _ in SDKS]
        stack.kill("nats")
        try:
            runs = [
                asyncio.create_task(speak_to(stack, way.url, sdk, *who))
                for way, sdk, who in zip(ways, SDKS, people, strict=True)
            ]
            await until(lambda: _all_refused(ways), seconds=30)
        finally:
            await stack.start_process("nats")
        assert [spoken.failure for spoken in await asyncio.gather(*runs)] == [""] * len(SDKS)
    for user, _ in people:
        await counts_once(stack, user)


async def _all_refused(ways: list[Way]) -> bool:
    return all(503 in way.statuses for way in ways)


@each
async def test_what_can_never_succeed_is_tried_once(stack: Stack, sdk: Sdk) -> None:
    async with way_to(stack.url) as way:
        spoken = await speak(sdk, way.url, "wp_write_nobodys", *someone())
    assert spoken.failure
    assert set(way.statuses) == {401}
    assert len(way.statuses) == 1
