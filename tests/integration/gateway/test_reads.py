"""REST over gRPC: real servers with the chassis's frame, servicers that answer fixed things."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from io import BytesIO
from typing import Any

import grpc
import pytest
from chassis import context
from chassis.clock import SystemClock
from chassis.context import ContextSigner
from chassis.errors import InvalidArgument, NotFound, StateConflict, Unauthenticated
from chassis.grpc_server import GrpcServer, Servicer
from chassis.ids import new_id
from chassis.keyring import Keyring
from waypost.dispatch.v1 import message_service_pb2 as dispatch_pb
from waypost.dispatch.v1 import message_service_pb2_grpc as dispatch_grpc
from waypost.journey.v1 import journey_service_pb2 as journey_pb
from waypost.journey.v1 import journey_service_pb2_grpc as journey_grpc
from waypost.profile.v1 import profile_service_pb2 as profile_pb
from waypost.profile.v1 import profile_service_pb2_grpc as profile_grpc
from waypost.segment.v1 import segment_service_pb2 as segment_pb
from waypost.segment.v1 import segment_service_pb2_grpc as segment_grpc
from waypost_dev.ports import pick_free

PERSON = str(new_id())


class Profiles(profile_grpc.ProfileServiceServicer):
    def __init__(self, seen: list[Any]) -> None:
        self.seen = seen

    async def GetProfile(self, request: Any, _: Any) -> Any:
        self.seen.append((context.current(), request))
        if request.identifier.value == "nobody":
            raise NotFound("no such person", kind="profile", id="nobody")
        profile = profile_pb.Profile(
            profile_id=PERSON, profile_no=7, traits_json='{"city": "上海"}'.encode(), version=3
        )
        profile.create_time.FromJsonString("2026-11-01T00:00:00.125Z")
        profile.update_time.FromJsonString("2026-11-02T00:00:00Z")
        return profile_pb.GetProfileResponse(profile=profile)

    async def ListIngestionIssues(self, request: Any, _: Any) -> Any:
        self.seen.append((context.current(), request))
        issue = profile_pb.IngestionIssue(kind="held_back", reason="phone", count=2)
        issue.last_time.GetCurrentTime()
        last = request.page_token == "two"
        return profile_pb.ListIngestionIssuesResponse(issues=[issue], next_page_token="" if last else "two")


class Segments(segment_grpc.SegmentServiceServicer):
    def __init__(self, seen: list[Any]) -> None:
        self.seen = seen

    async def CreateSegment(self, request: Any, _: Any) -> Any:
        self.seen.append((context.current(), request))
        if b"unknown" in request.rule_json:
            error = InvalidArgument("the key is not known", reason="RULE_INVALID", pointer="/all/0")
            error.metadata["reason"] = "unknown_key"
            raise error
        segment = segment_pb.Segment(
            segment_id="seg_1", name=request.name, rule_json=request.rule_json, state=2, size=4
        )
        return segment_pb.CreateSegmentResponse(segment=segment)

    async def ListPersonSegments(self, _request: Any, call: Any) -> Any:
        await call.abort(grpc.StatusCode.UNIMPLEMENTED, "the release before")

    async def ExplainMembership(self, request: Any, _: Any) -> Any:
        self.seen.append((context.current(), request))
        return segment_pb.ExplainMembershipResponse(member=True, tree_json=b'{"value": true}')


class Journeys(journey_grpc.JourneyServiceServicer):
    async def PublishJourney(self, request: Any, _: Any) -> Any:
        raise StateConflict("it is active already", state="active")

    async def ListJourneys(self, request: Any, _: Any) -> Any:
        return journey_pb.ListJourneysResponse(journeys=[journey_pb.Journey(journey_id="jrn_1")])

    async def GetJourneyMetrics(self, request: Any, _: Any) -> Any:
        good = journey_pb.NodeMetrics(node_id="a", entered=5, waiting=1, passed=2, exited=1, frozen=1)
        bad = journey_pb.NodeMetrics(node_id="b", entered=5, waiting=1)
        return journey_pb.GetJourneyMetricsResponse(nodes=[good, bad], intentions_issued=10)


class Messages(dispatch_grpc.MessageServiceServicer):
    def __init__(self, seen: list[Any]) -> None:
        self.seen = seen

    async def GetMessageReport(self, request: Any, _: Any) -> Any:
        counts = [dispatch_pb.OutcomeCount(state=n, count=4) for n in (1, 5)]
        return dispatch_pb.GetMessageReportResponse(intentions=8, outcomes=counts)

    async def ListMessages(self, request: Any, _: Any) -> Any:
        self.seen.append((context.current(), request))
        return dispatch_pb.ListMessagesResponse(
            messages=[dispatch_pb.Message(message_id="m", state=request.state)]
        )

    async def RecordCallback(self, request: Any, _: Any) -> Any:
        self.seen.append((context.current(), request))
        if request.body == b"forged":
            raise Unauthenticated("the callback is refused", reason="SIGNATURE_INVALID")
        return dispatch_pb.RecordCallbackResponse(recorded=1, unknown=2, opted_out=3)


@pytest.fixture
def seen() -> list[Any]:
    return []


@pytest.fixture
async def served(
    start_gateway: Callable[..., AbstractAsyncContextManager[Any]],
    gateway_secrets: Any,
    nats_url: str,
    seen: list[Any],
) -> AsyncIterator[Any]:
    address = f"127.0.0.1:{pick_free()}"
    servicers = [
        Servicer("p", profile_grpc.add_ProfileServiceServicer_to_server, Profiles(seen)),
        Servicer("s", segment_grpc.add_SegmentServiceServicer_to_server, Segments(seen)),
        Servicer("j", journey_grpc.add_JourneyServiceServicer_to_server, Journeys()),
        Servicer("d", dispatch_grpc.add_MessageServiceServicer_to_server, Messages(seen)),
    ]
    signer = ContextSigner(Keyring(bytes.fromhex(gateway_secrets[1].read_text())), SystemClock())
    server = GrpcServer("all", address, servicers, signer)
    await server.start()
    await server.set_ready(True)
    peers = dict.fromkeys(("profile", "segment", "journey", "dispatch"), address)
    peers["scoring"] = f"127.0.0.1:{pick_free()}"
    try:
        async with start_gateway(nats_url, peers=peers) as gateway:
            yield gateway
    finally:
        await server.stop(grace=0)


async def get(served: Any, path: str) -> tuple[int, Any]:
    status, answer, _ = await served.call("GET", path, None, served.bearer)
    return status, answer


async def post(served: Any, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    status, answer, _ = await served.call(
        "POST", path, body, {**served.bearer, "Content-Type": "application/json", **headers}
    )
    return status, answer


async def test_a_profile_by_id_by_identifier_and_by_lookup(served: Any, seen: list[Any]) -> None:
    status, profile = await get(served, f"/v1/profiles/{PERSON}")
    assert status == 200
    assert profile["traits"] == {"city": "上海"}
    assert (profile["segments"], profile["scores"]) == (None, None)
    assert profile["missing"] == ["scoring", "segment"]
    assert profile["created_at"] == "2026-11-01T00:00:00.125Z"
    await get(served, "/v1/profiles/wechat_openid@wx1:oA:b")
    await post(served, "/v1/profiles:lookup", {"phone": "+8613800000000"})
    requests = [request for _, request in seen]
    assert requests[0].profile_id == PERSON
    assert (requests[1].identifier.type, requests[1].identifier.scope) == ("wechat_openid", "wx1")
    assert requests[1].identifier.value == "oA:b"
    assert requests[2].identifier.type == "phone"
    tenant = seen[0][0]
    assert (tenant.caller, tenant.workspace_id) == ("gateway", served.workspace_id)


async def test_personal_data_in_an_address_is_refused_with_a_hint(served: Any, seen: list[Any]) -> None:
    for path in ("/v1/profiles/phone:13800000000", "/v1/runs?profile=email:a@b.c"):
        status, problem = await get(served, path)
        assert (status, problem["reason"]) == (400, "PERSONAL_DATA_IN_URL")
        assert ":lookup" in problem["detail"]
    assert not seen


async def test_remote_errors_keep_status_reason_and_place(served: Any) -> None:
    status, problem = await get(served, "/v1/profiles/member_id:nobody")
    assert (status, problem["reason"]) == (404, "NOT_FOUND")
    status, problem = await post(served, "/v1/segments", {"name": "x", "rule": {"unknown": 1}})
    assert (status, problem["reason"]) == (400, "RULE_INVALID")
    assert (problem["errors"][0]["pointer"], problem["errors"][0]["reason"]) == ("/all/0", "unknown_key")
    status, problem = await post(served, "/v1/journeys/jrn_1:publish", None)
    assert (status, problem["reason"]) == (409, "STATE_CONFLICT")


async def test_a_service_that_is_away_is_503_without_its_address(served: Any) -> None:
    status, problem, headers = await served.call("GET", "/v1/rfm/default/summary", None, served.bearer)
    assert (status, problem["reason"]) == (503, "SERVICE_UNAVAILABLE")
    assert "127.0.0.1" not in str(problem)
    assert "Retry-After" in headers


async def test_an_idempotency_key_makes_the_same_request_id_on_the_same_route(
    served: Any, seen: list[Any]
) -> None:
    body = {"name": "x", "rule": {"everyone": True}}
    for key in ("one", "one", "two"):
        assert (await post(served, "/v1/segments", body, **{"Idempotency-Key": key}))[0] == 201
    await post(served, "/v1/segments", body)
    ids = [request.request_id for _, request in seen]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert len(ids[3]) == 36


async def test_texts_that_no_database_holds_are_refused_here(served: Any, seen: list[Any]) -> None:
    for body in (
        rb'{"name": "a\u0000", "rule": {"everyone": true}}',
        rb'{"name": "a", "rule": {"trait": "\u0000"}}',
        rb'{"name": "a\ud800", "rule": {"everyone": true}}',
        rb'{"name": "a", "rule": {"trait": "\udfff"}}',
    ):
        headers = {**served.bearer, "Content-Type": "application/json"}
        status, problem, _ = await served.call("POST", "/v1/segments", body, headers)
        assert (status, problem["reason"]) in ((400, "FIELD_INVALID"), (422, "FIELD_INVALID")), body
    assert not seen


async def test_invalid_bodies_and_large_bodies(served: Any) -> None:
    status, problem = await post(served, "/v1/segments", {"name": "", "extra": 1})
    assert status == 422
    assert {error["pointer"] for error in problem["errors"]} == {"/name", "/rule", "/extra"}
    headers = {**served.bearer, "Content-Type": "application/json"}
    large = BytesIO(b'"' + b"x" * 1_100_000)
    async with served.http.post(f"{served.url}/v1/segments", data=large, headers=headers) as answer:
        status, problem = answer.status, await answer.json(content_type=None)
    assert (status, problem["reason"]) == (413, "BODY_TOO_LARGE")


async def test_explain_and_messages_by_state(served: Any, seen: list[Any]) -> None:
    status, answer = await post(served, "/v1/segments/seg_1:explain", {"profile": PERSON})
    assert (status, answer) == (200, {"member": True, "tree": {"value": True}})
    status, page = await get(served, "/v1/messages?state=delivered")
    assert page["items"][0]["state"] == "delivered"
    status, problem = await get(served, "/v1/messages?state=sent")
    assert (status, problem["errors"][0]["pointer"]) == (400, "#state")


async def test_ledgers_show_differences(served: Any) -> None:
    status, page = await get(served, "/v1/reports/ledgers")
    assert status == 200
    [journey] = page["items"]
    assert not journey["ok"]
    assert [(node["ok"], node["difference"]) for node in journey["nodes"]] == [(True, 0), (False, 4)]
    assert journey["handover"] == {
        "issued": 10,
        "in_dispatch": 8,
        "in_flight": 2,
        "difference": 0,
        "ok": True,
    }
    assert journey["outcomes"]["ok"]


async def test_callbacks_reach_dispatch_with_headers_and_bytes(served: Any, seen: list[Any]) -> None:
    path = f"/v1/callbacks/sms/acme.main.{served.workspace_id}"
    status, answer, _ = await served.call("POST", path, b"\x00raw", {"X-Signature": "s"})
    assert (status, answer) == (200, {"recorded": 1, "unknown": 2, "opted_out": 3})
    tenant, request = seen[0]
    assert tenant.workspace_id == served.workspace_id
    assert (request.account, request.body, request.headers["x-signature"]) == ("acme.main", b"\x00raw", "s")
    assert (await served.call("POST", "/v1/callbacks/sms/acme", b"", {}))[0] == 404
    status, problem, _ = await served.call("POST", path, b"forged", {})
    assert (status, problem["reason"]) == (401, "SIGNATURE_INVALID")
    assert (await served.call("POST", path, b"x" * 300_000, {}))[0] == 413


async def test_issues_of_both_sources_page_through(served: Any) -> None:
    await served.wait_for_broker()
    for reason in ({"type": "x"}, {"type": "track"}, 5):
        await served.post("/v1/batch", {"batch": [reason]})
    await served.gateway.issues.flush()
    found, token = [], ""
    for _ in range(10):
        status, page = await get(served, f"/v1/ingestion/issues?page_size=2&page_token={token}")
        assert status == 200
        found += [(issue["source"], issue["reason"]) for issue in page["items"]]
        if not (token := page["next_page_token"]):
            break
    assert sorted(found) == [
        ("gateway", "event_name_missing"),
        ("gateway", "event_not_object"),
        ("gateway", "event_type_unknown"),
        ("profile", "phone"),
        ("profile", "phone"),
    ]
    other = await get(served, "/v1/ingestion/issues?page_token=AAAA")
    assert (other[0], other[1]["reason"]) == (400, "PAGE_TOKEN_INVALID")


async def test_only_secret_keys_read(served: Any) -> None:
    for headers in ({}, served.basic, {"Authorization": f"Bearer {served.workspace.write_key}"}):
        status, problem, _ = await served.call("GET", "/v1/segments", None, headers)
        assert (status, problem["reason"]) == (401, "UNAUTHENTICATED")


FILES = {
    "export": {"text/csv", "application/x-ndjson", "application/vnd.apache.parquet"},
    "/v1/imports/{import_id}/errors": {"text/csv"},
    "/v1/privacy/requests/{request_id}/file": {"application/json", "application/zip"},
    "/v1/qr-codes/{qr_code_id}/image.svg": {"image/svg+xml"},
    "/v1/qr-codes/{qr_code_id}/image.png": {"image/png"},
}
"""What answers with a file, by verb or path."""
PAGES = {
    ("get", "/f/{form_token}"): {"text/html"},
    ("post", "/f/{form_token}"): {"text/html", "application/json"},
}


async def test_the_document_names_every_answer(served: Any) -> None:
    status, document, _ = await served.call("GET", "/openapi.json", None, {})
    assert status == 200
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if path == "/q/{qr_token}":
                assert operation["responses"].keys() & {"302"}
                continue
            good = next(answer for code, answer in operation["responses"].items() if code.startswith("2"))
            expected = {"text/html"} if path.startswith("/u/") else PAGES.get((method, path))
            expected = expected or FILES.get(path.rpartition(":")[2], {"application/json"})
            assert good["content"].keys() == expected, (method, path)
            assert all(content["schema"] for content in good["content"].values()), (method, path)
    expected = {"/v1/batch", "/v1/profiles:lookup", "/v1/segments/{segment_id}:explain", "/v1/limits"}
    assert expected <= set(document["paths"])
    assert {"write_key", "HTTPBearer"} <= set(document["components"]["securitySchemes"])
