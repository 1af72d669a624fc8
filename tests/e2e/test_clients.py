"""Segment's and RudderStack's own SDKs, unchanged but for the host, against the running platform."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from waypost.profile.v1 import ingest_pb2
from waypost_dev.stack import Stack

from tests.e2e.clients import node
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


@pytest.fixture(scope="module", autouse=True)
async def node_sdks() -> None:
    await node.install()


def someone() -> tuple[str, datetime]:
    """A user nobody else speaks about, and a moment that an answer's arrival cannot be taken for."""
    return f"client-{uuid4()}", datetime.now(UTC) - timedelta(minutes=10)


async def speak_to(stack: Stack, url: str, sdk: Sdk, user: str, happened: datetime) -> Spoken:
    return await speak(sdk, url, stack.env["WAYPOST_WRITE_KEY"], user, happened)


async def counts_once(stack: Stack, users: Iterable[str]) -> None:
    """Each one's track, page, screen and group is there, one time."""
    async with client_of(stack) as client:
        await settle(stack, client, seconds=60)
        for user in users:
            assert (await client.get(f"/v1/profiles/user_id:{user}"))["event_count"] == 4


@asynccontextmanager
async def a_way_each(stack: Stack, *faults: Fault) -> AsyncIterator[list[tuple[Sdk, Way]]]:
    """Every SDK with a way of its own to the gateway; the faults meet each of the requests it is known to make."""
    async with AsyncExitStack() as opened:
        yield [
            (sdk, await opened.enter_async_context(way_to(stack.url, *faults * sdk.requests))) for sdk in SDKS
        ]


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


async def test_what_an_sdk_sends_again_counts_once(stack: Stack) -> None:
    people = [someone() for _ in SDKS]
    async with (
        a_way_each(stack, Fault.BUSY, Fault.LOST_ANSWER, Fault.NONE) as over,
        asyncio.TaskGroup() as group,
    ):
        runs = [
            group.create_task(speak_to(stack, way.url, sdk, *who))
            for (sdk, way), who in zip(over, people, strict=True)
        ]
    for (sdk, way), run, (user, _) in zip(over, runs, people, strict=True):
        spoken = run.result()
        assert not spoken.failure, sdk
        assert way.statuses == [429, 503, 200] * sdk.requests, sdk
        # The broker has each call twice, since the answer to the first was lost; the tries share their ids.
        records = await ingested(stack, user)
        assert Counter(r.meta.record_id for r in records) == Counter(spoken.message_ids * 2), sdk
    await counts_once(stack, (user for user, _ in people))


async def test_sdks_sit_out_an_outage_of_the_broker(stack: Stack) -> None:
    people = [someone() for _ in SDKS]
    async with a_way_each(stack) as over:

        async def all_refused() -> bool:
            return all(503 in way.statuses for _, way in over)

        stack.kill("nats")
        async with asyncio.TaskGroup() as group:
            runs = [
                group.create_task(speak_to(stack, way.url, sdk, *who))
                for (sdk, way), who in zip(over, people, strict=True)
            ]
            try:
                await until(all_refused, seconds=30)
            finally:
                await stack.start_process("nats")
    for sdk, spoken in zip(SDKS, runs, strict=True):
        assert not spoken.result().failure, sdk
    await counts_once(stack, (user for user, _ in people))


@each
async def test_what_can_never_succeed_is_tried_once(stack: Stack, sdk: Sdk) -> None:
    async with way_to(stack.url) as way:
        spoken = await speak(sdk, way.url, "wp_write_nobodys", *someone())
    assert spoken.failure
    assert way.statuses == [401] * sdk.requests
