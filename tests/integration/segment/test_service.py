"""The whole service: calls over gRPC, PROFILE in and SEGMENT out over NATS."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import grpc
import msgspec
import pytest
from chassis.clock import SystemClock
from chassis.context import ContextSigner
from chassis.grpc_client import Peers, RemoteError
from chassis.ids import new_id
from chassis.service import Service
from segment_service.app import build
from segment_service.settings import SegmentSettings
from waypost.common.v1 import record_pb2
from waypost.profile.v1 import profile_events_pb2
from waypost.segment.v1 import segment_events_pb2
from waypost.segment.v1 import segment_service_pb2 as pb
from waypost.segment.v1 import segment_service_pb2_grpc as pb_grpc
from waypost_dev.ports import pick_free

from ...unit.segment.history import Act, history_of, identity
from ...waiting import until

BOUGHT = {"event": "Order Completed", "count": {"gte": 1}}


class Running:
    def __init__(self, service: Service, peers: Peers, workspace_id: UUID) -> None:
        self.service = service
        self._peers = peers
        self._stub = peers.stub("segment", pb_grpc.SegmentServiceStub)
        self._tenant = peers.tenant(workspace_id)
        self._workspace_id = workspace_id

    async def call(self, method: str, request: Any) -> Any:
        return await self._peers.call(getattr(self._stub, method), request, self._tenant, attempts=20)

    async def create(self, rule: Any, name: str = "Buyers", request_id: str = "") -> pb.Segment:
        request = pb.CreateSegmentRequest(
            name=name, rule_json=msgspec.json.encode(rule), request_id=request_id
        )
        return (await self.call("CreateSegment", request)).segment

    async def active(self, segment_id: str) -> pb.Segment:
        async with asyncio.timeout(10):
            while True:
                found = (await self.call("GetSegment", pb.GetSegmentRequest(segment_id=segment_id))).segment
                if found.state == pb.SEGMENT_STATE_ACTIVE:
                    return found
                await asyncio.sleep(0.02)

    async def publish(self, records: list[bytes]) -> None:
        batch = record_pb2.RecordBatch(
            batch_id=str(new_id()), workspace_id=str(self._workspace_id), records=records
        )
        await self.service.bus.ensure_stream("PROFILE")
        await self.service.bus.publish("PROFILE.live.3", batch.SerializeToString(), batch.batch_id)

    async def published(self, count: int) -> list[segment_events_pb2.SegmentRecord]:
        """Waits for so many SEGMENT records of this workspace."""
        client = await self.service.bus.wait_connected()
        await self.service.bus.ensure_stream("SEGMENT")
        subscription = await client.jetstream().subscribe("SEGMENT.live.*", ordered_consumer=True)
        found: list[segment_events_pb2.SegmentRecord] = []
        while len(found) < count:
            batch = record_pb2.RecordBatch.FromString((await subscription.next_msg(10)).data)
            if batch.workspace_id == str(self._workspace_id):
                found += map(segment_events_pb2.SegmentRecord.FromString, batch.records)
        await subscription.unsubscribe()
        return found


@pytest.fixture
async def running(
    templates: Any, nats_url: str, tmp_path: Path, workspace_id: UUID
) -> AsyncIterator[Running]:
    secret = tmp_path / "secret"
    secret.write_text(secrets.token_hex(32))
    address = f"127.0.0.1:{pick_free()}"
    settings = SegmentSettings(
        listen=address,
        postgres_url=await templates.copy("segment"),
        nats_url=nats_url,
        service_secret_file=secret,
        build_poll_s=30,
    )
    service = build(settings, frozenset({"rpc", "work"}))
    peers = Peers("journey", {"segment": address}, ContextSigner(settings.keyring(), SystemClock()))
    task = asyncio.create_task(service.run())
    try:
        yield Running(service, peers, workspace_id)
    finally:
        await peers.stop()
        service.stopping.set()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_events_in_memberships_out(running: Running) -> None:
    segment = await running.create(BOUGHT, request_id="r1")
    assert segment.state == pb.SEGMENT_STATE_BUILDING
    assert (await running.create(BOUGHT, request_id="r1")).segment_id == segment.segment_id
    await running.active(segment.segment_id)
    history = history_of([Act("event", n, 1, 5, None) for n in range(5)])
    await running.publish(history.records)
    records = await running.published(5)
    assert {r.person.profile_no for r in records} == set(range(5))
    assert (await running.active(segment.segment_id)).size == 5

    later = await running.create({"not": BOUGHT}, name="Others")
    assert (await running.active(later.segment_id)).size == 0
    listed = await running.call("ListSegments", pb.ListSegmentsRequest(page_size=1))
    assert [s.segment_id for s in listed.segments] == [later.segment_id]
    request = pb.ListSegmentsRequest(page_size=1, page_token=listed.next_page_token)
    listed = await running.call("ListSegments", request)
    assert [(s.segment_id, s.size) for s in listed.segments] == [(segment.segment_id, 5)]
    assert not listed.next_page_token
    await members_come_in_pages(running, segment.segment_id)
    await rules_are_asked_and_explained(running, segment.segment_id)
    await answers_wait_for_what_the_caller_has_heard(running, history.records[0])


async def test_a_rule_is_described_and_names_never_heard_are_warned_about(running: Running) -> None:
    await running.publish(history_of([Act("event", 1, 1, 5, None), Act("traits", 1, 2, 6, "x")]).records)
    names = pb.ListKnownNamesRequest(kind=pb.KNOWN_NAME_KIND_EVENT)

    async def heard() -> bool:
        return bool((await running.call("ListKnownNames", names)).names)

    await until(heard, seconds=10)
    rule = {
        "all": [{"trait": "cty", "op": "eq", "value": "x"}, {"event": "Order Completed", "within": "30d"}]
    }
    said = await running.call("DescribeRule", pb.DescribeRuleRequest(rule_json=msgspec.json.encode(rule)))
    assert said.cost == "recent"
    assert "cty" in said.description_en
    assert said.description_zh.endswith("的人。")
    assert [(n.kind, n.name, n.window_json) for n in said.needs] == [
        ("clock", "", b""),
        ("events", "Order Completed", b'"30d"'),
        ("traits", "cty", b""),
    ]
    [name, window] = said.warnings
    assert (name.pointer, name.reason) == ("/all/0/trait", "unknown_name")
    assert '"city"' in name.detail
    assert (window.pointer, window.reason) == ("/all/1/within", "unsupported_node")
    asked = pb.DescribeRuleRequest(rule_json=b'{"any": [{"trait": "city", "op": "equals"}]}')
    with pytest.raises(RemoteError) as refused:
        await running.call("DescribeRule", asked)
    assert refused.value.metadata["pointer"] == "/any/0/op"
    traits = pb.ListKnownNamesRequest(kind=pb.KNOWN_NAME_KIND_TRAIT, prefix="ci", page_size=1)
    page = await running.call("ListKnownNames", traits)
    assert (list(page.names), page.next_page_token) == (["city"], "")


async def answers_wait_for_what_the_caller_has_heard(running: Running, record: bytes) -> None:
    known = profile_events_pb2.ProfileRecord.FromString(record)
    heard = pb.HeardEvent(identity_id=known.person.identity_id, event_id=known.meta.record_id)
    asking = pb.EvaluateRulesRequest(
        profile_ids=[known.person.profile_id],
        rules_json=[msgspec.json.encode(BOUGHT)],
        heard_events=[heard],
    )
    assert list((await running.call("EvaluateRules", asking)).results[0].matches) == [True]
    asking.heard_events.add(identity_id=known.person.identity_id, event_id=str(new_id()))
    with pytest.raises(RemoteError) as refused:
        await running.call("EvaluateRules", asking)
    assert (refused.value.code, refused.value.reason) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "NOT_CAUGHT_UP",
    )


async def members_come_in_pages(running: Running, segment_id: str) -> None:
    found, token = [], ""
    while True:
        request = pb.ListSegmentMembersRequest(segment_id=segment_id, page_size=2, page_token=token)
        page = await running.call("ListSegmentMembers", request)
        found += [m.profile_no for m in page.members]
        token = page.next_page_token
        if not token:
            break
    assert found == list(range(5))


async def rules_are_asked_and_explained(running: Running, segment_id: str) -> None:
    request = pb.EvaluateRulesRequest(
        profile_ids=[str(identity(1)), str(identity(77))],
        rules_json=[msgspec.json.encode(rule) for rule in (BOUGHT, {"not": BOUGHT}, {"everyone": True})],
    )
    answer = await running.call("EvaluateRules", request)
    assert [list(r.matches) for r in answer.results] == [[True, False], [False, False], [True, False]]
    explained = await running.call(
        "ExplainMembership", pb.ExplainMembershipRequest(segment_id=segment_id, profile_id=str(identity(1)))
    )
    assert explained.member
    assert msgspec.json.decode(explained.tree_json)["result"] is True


@pytest.mark.parametrize(
    ("method", "request_", "code", "metadata"),
    [
        (
            "CreateSegment",
            pb.CreateSegmentRequest(name="x", rule_json=b'{"all": [{"evnt": "a"}]}'),
            grpc.StatusCode.INVALID_ARGUMENT,
            {"pointer": "/all/0/evnt", "reason": "unknown_key"},
        ),
        (
            "CreateSegment",
            pb.CreateSegmentRequest(name="x", rule_json=b"{"),
            grpc.StatusCode.INVALID_ARGUMENT,
            {"pointer": "", "reason": "not_json"},
        ),
        (
            "CreateSegment",
            pb.CreateSegmentRequest(name=" ", rule_json=b'{"everyone": true}'),
            grpc.StatusCode.INVALID_ARGUMENT,
            {"field": "name"},
        ),
        (
            "GetSegment",
            pb.GetSegmentRequest(segment_id="seg_x"),
            grpc.StatusCode.NOT_FOUND,
            {"kind": "segment", "id": "seg_x"},
        ),
        (
            "EvaluateRules",
            pb.EvaluateRulesRequest(profile_ids=["nobody"]),
            grpc.StatusCode.INVALID_ARGUMENT,
            {"field": "profile_ids"},
        ),
    ],
)
async def test_refusals_say_why(
    running: Running, method: str, request_: Any, code: grpc.StatusCode, metadata: dict[str, str]
) -> None:
    with pytest.raises(RemoteError) as caught:
        await running.call(method, request_)
    assert caught.value.code == code
    assert caught.value.metadata == metadata
