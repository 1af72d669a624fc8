"""Ingestion against a real broker and database."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import nats
import pytest
from chassis.sealed import open_batch
from gateway_service.ingest.large import AT_ONCE
from gateway_service.routes._issue_ids import IssueName
from gateway_service.store.rejected import MOST_PER_ISSUE, RejectedStore, Sample
from waypost.profile.v1 import ingest_pb2
from waypost_dev.nats import Nats
from waypost_dev.ports import pick_free

Start = Callable[..., AbstractAsyncContextManager[Any]]


def track(index: int = 0, **more: Any) -> dict[str, Any]:
    event = {
        "type": "track",
        "event": "Order Completed",
        "userId": f"u{index}",
        "messageId": str(uuid4()),
        "properties": {"order_id": f"o{index}", "total": 12.50},
    }
    return {**event, **more}


async def stored(gateway: Any) -> list[tuple[str, ingest_pb2.IngestRecord]]:
    """Every record of this workspace in the stream, opened, with its subject, in stream order."""
    client = await nats.connect(gateway.gateway.bus._url)
    try:
        js = client.jetstream()
        info = await js.stream_info("INGEST")
        found = []
        for sequence in range(info.state.first_seq or 1, info.state.last_seq + 1):
            message = await js.get_msg("INGEST", sequence)
            assert message.data
            if message.data[:16] != gateway.workspace_id.bytes:
                continue
            batch = open_batch(gateway.ciphers, message.data)
            assert message.headers
            assert message.headers["Nats-Msg-Id"] == batch.batch_id
            found += [
                (message.subject or "", ingest_pb2.IngestRecord.FromString(record))
                for record in batch.records
            ]
        return found
    finally:
        await client.close()


async def test_an_answered_event_is_in_the_stream_and_opens(gateway: Any) -> None:
    event = track(1, timestamp=datetime.now(UTC).isoformat())
    del event["type"]
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    status, answer, headers = await gateway.call(
        "POST", "/v1/track", event, {**gateway.basic, "traceparent": trace}
    )
    assert (status, answer) == (200, {"success": True, "accepted": 1, "rejected": []})
    assert headers["Access-Control-Allow-Origin"] == "*"
    [(subject, record)] = await stored(gateway)
    assert subject.startswith("INGEST.live.")
    assert record.meta.record_id == event["messageId"]
    assert record.meta.traceparent == trace
    assert not record.meta.historical
    assert record.kind == ingest_pb2.INGEST_KIND_TRACK
    assert record.name == "Order Completed"
    assert [(i.type, i.value) for i in record.identifiers] == [("user_id", "u1")]
    assert record.properties_json == b'{"order_id": "o1", "total": 12.5}'
    assert record.source == "default write key"


async def test_a_large_batch_becomes_several_messages_and_all_arrive_in_order(gateway: Any) -> None:
    events = [track(n, properties={"text": "𠮷😀" * 40}) for n in range(700)]
    body = gzip.compress(json.dumps({"batch": events}, ensure_ascii=False).encode())
    status, answer, _ = await gateway.call(
        "POST", "/v1/batch", body, {**gateway.basic, "Content-Encoding": "gzip"}
    )
    assert (status, answer["accepted"]) == (200, 700)
    records = await stored(gateway)
    assert {r.meta.record_id for _, r in records} == {e["messageId"] for e in events}
    assert len({subject for subject, _ in records}) >= 1


async def test_concurrent_requests_share_messages_and_each_is_whole(gateway: Any) -> None:
    answers = await asyncio.gather(
        *(gateway.post("/v1/batch", {"batch": [track(n), track(n)]}) for n in range(60))
    )
    assert all(answer == (200, {"success": True, "accepted": 2, "rejected": []}) for answer in answers)
    assert len(await stored(gateway)) == 120


async def test_bulk_lane_by_header_and_by_field_is_historical(gateway: Any) -> None:
    by_header = {**gateway.basic, "X-Waypost-Lane": "bulk"}
    assert (await gateway.call("POST", "/v1/track", track(), by_header))[0] == 200
    assert (await gateway.post("/v1/batch", {"batch": [track()], "lane": "bulk"}))[0] == 200
    records = await stored(gateway)
    assert [subject.split(".")[1] for subject, _ in records] == ["bulk", "bulk"]
    assert all(record.meta.historical for _, record in records)
    assert (await gateway.post("/v1/batch", {"batch": [], "lane": "fast"}))[1]["reason"] == "lane_unknown"


async def test_bad_neighbours_are_refused_counted_and_listed(gateway: Any) -> None:
    batch = [track(1), track(2, event=""), track(3, event="x", userId=7), "no", track(4)]
    status, answer = await gateway.post("/v1/batch", {"batch": batch})
    assert (status, answer["accepted"]) == (200, 2)
    assert [(r["index"], r["reason"]) for r in answer["rejected"]] == [
        (1, "event_name_missing"),
        (2, "identifier_invalid"),
        (3, "event_not_object"),
    ]
    await gateway.post("/v1/batch", {"batch": [track(event="")]})
    await gateway.gateway.issues.flush()
    found = await gateway.issue_rows()
    assert found[("rejected", "event_name_missing", "/v1/batch", "")] == 2
    assert found[("rejected", "identifier_invalid", "/v1/batch", "x")] == 1


@pytest.mark.parametrize(
    ("body", "headers", "status", "reason"),
    [
        (b"{", {}, 400, "json_invalid"),
        (b"[]", {}, 400, "body_not_object"),
        (b"{}", {}, 400, "batch_not_array"),
        (b'{"batch": {}}', {}, 400, "batch_not_array"),
        (b"\xff", {}, 400, "json_invalid"),
        (b"{}", {"Content-Encoding": "gzip"}, 400, "gzip_invalid"),
        (gzip.compress(b"{}", mtime=0)[:-3], {"Content-Encoding": "gzip"}, 400, "gzip_invalid"),
        (gzip.compress(b" " * 50_000_000, mtime=0), {"Content-Encoding": "gzip"}, 413, "body_too_large"),
        (b" " * 4_400_000, {}, 413, "body_too_large"),
    ],
)
async def test_bodies_that_can_never_succeed(
    gateway: Any, body: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    got, problem, answered = await gateway.call("POST", "/v1/batch", body, {**gateway.basic, **headers})
    assert (got, problem["reason"]) == (status, reason)
    assert answered["Content-Type"] == "application/problem+json"
    assert problem["request_id"] == answered["X-Request-Id"]


async def test_single_events_over_the_limit_are_413_and_in_a_batch_refused_alone(gateway: Any) -> None:
    large = track(properties={"text": "x" * 33_000})
    assert (await gateway.post("/v1/track", large))[0] == 413
    status, answer = await gateway.post("/v1/batch", {"batch": [large, track()]})
    assert (status, answer["accepted"], answer["rejected"][0]["reason"]) == (200, 1, "event_too_large")


def large_batch(size: int) -> bytes:
    """As RudderStack's Python SDK makes it: events are added until their sum reaches `size`."""
    event = json.dumps(track(properties={"text": "上" * 5_000})).encode()
    return b'{"batch": [' + b", ".join([event] * (size // len(event) + 1)) + b'], "writeKey": "x"}'


async def test_a_batch_of_four_megabytes_is_taken_and_only_a_few_at_a_time(gateway: Any) -> None:
    batch = large_batch(4 << 20)
    assert len(batch) > 4 << 20
    status, answer = await gateway.post("/v1/batch", batch)
    assert (status, answer["accepted"], answer["rejected"]) == (200, batch.count(b"messageId"), [])
    packed = {**gateway.basic, "Content-Encoding": "gzip"}
    assert (await gateway.call("POST", "/v1/batch", gzip.compress(batch), packed))[0] == 200
    assert (await gateway.post("/v1/track", batch[:600_000]))[0] == 413
    release = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield batch[:600_000]
        await release.wait()
        yield batch[600_000:]

    url, headers = f"{gateway.url}/v1/batch", gateway.basic
    large = gateway.gateway.ingestion._large
    waiting = [
        asyncio.create_task(gateway.http.post(url, data=slowly(), headers=headers)) for _ in range(AT_ONCE)
    ]
    await gateway.wait_for(lambda: large._free == 0)
    status, problem, answered = await gateway.call("POST", "/v1/batch", batch)
    assert (status, problem["reason"], answered["Retry-After"]) == (429, "QUEUE_FULL", "1")
    assert (await gateway.post("/v1/batch", {"batch": [track()]}))[0] == 200
    release.set()
    assert [answer.status for answer in await asyncio.gather(*waiting)] == [200] * AT_ONCE
    await gateway.wait_for(lambda: large._free == AT_ONCE)


async def test_an_empty_batch_is_accepted(gateway: Any) -> None:
    assert await gateway.post("/v1/batch", {"batch": []}) == (
        200,
        {"success": True, "accepted": 0, "rejected": []},
    )


async def test_credentials(gateway: Any) -> None:
    key = gateway.workspace.write_key
    assert (await gateway.call("POST", "/v1/track", {**track(), "writeKey": key}, {}))[0] == 200
    for headers in (
        {},
        {"Authorization": "Basic !!"},
        {"Authorization": "Basic d3JvbmdrZXk6"},
        gateway.bearer,
    ):
        status, problem, _ = await gateway.call("POST", "/v1/track", track(), headers)
        assert (status, problem["reason"]) == (401, "UNAUTHENTICATED")
    chinese = await gateway.call("POST", "/v1/track", track(), {"Accept-Language": "zh-CN,en;q=0.8"})
    assert chinese[1]["title"] == "凭证缺失或无效"


async def test_content_types_of_sdks_and_preflight(gateway: Any) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json"):
        headers = {**gateway.basic, "Content-Type": kind}
        assert (await gateway.call("POST", "/v1/batch", {"batch": [track()]}, headers))[0] == 200
    status, _, headers = await gateway.call("OPTIONS", "/v1/batch", None, {})
    assert status == 204
    assert "authorization" in headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize(
    "own",
    [
        "authorization,content-type,x-retry-count",  # Segment's, trying again
        "anonymousid,authorization,content-type,rsa-retry-attempt,rsa-retry-reason,sentat",  # RudderStack's
    ],
)
async def test_a_browser_may_send_the_headers_of_its_sdk_and_reads_when_to_come_back(
    gateway: Any, own: str
) -> None:
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": own,
    }
    status, _, headers = await gateway.call("OPTIONS", "/v1/t", None, asked)
    assert (status, headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert headers["Access-Control-Allow-Headers"] == own
    _, _, headers = await gateway.call("POST", "/v1/t", track(), {"Origin": "https://shop.example"})
    assert headers["Access-Control-Expose-Headers"].split(", ")[0] == "Retry-After"


@pytest.mark.parametrize(
    ("path", "in_body"),
    [("/v1/b", True), ("/v1/batch?writeKey={}", False), ("/beacon/v1/batch?writeKey={}", False)],
)
async def test_a_beacon_has_no_headers_to_say_whose_it_is(gateway: Any, path: str, in_body: bool) -> None:
    key = gateway.workspace.write_key
    body = {"batch": [track(7)], **({"writeKey": key} if in_body else {})}
    status, answer, headers = await gateway.call(
        "POST",
        path.format(key),
        body,
        {"Origin": "https://shop.example", "Content-Type": "text/plain;charset=UTF-8"},
    )
    assert (status, answer["accepted"]) == (200, 1)
    assert headers["Access-Control-Allow-Origin"] == "*"
    [(_, record)] = await stored(gateway)
    assert record.identifiers[0].value == "u7"


async def test_a_refusal_is_also_worded_as_segments_sdks_read_it(gateway: Any) -> None:
    for body, headers in ((b"{", gateway.basic), (b"{}", {})):
        status, problem, _ = await gateway.call("POST", "/v1/batch", body, headers)
        assert status in (400, 401)
        assert (problem["code"], problem["message"]) == (problem["reason"], problem["detail"])


async def test_old_events_are_historical_and_skew_is_corrected(gateway: Any) -> None:
    now = datetime.now(UTC)
    skewed = now + timedelta(days=3)
    batch = [
        track(1, timestamp=(now - timedelta(hours=2)).isoformat()),
        track(2, originalTimestamp=(skewed - timedelta(minutes=1)).isoformat(), sentAt=skewed.isoformat()),
        track(3, timestamp=skewed.isoformat()),
    ]
    _, answer = await gateway.post("/v1/batch", {"batch": batch})
    assert answer["rejected"][0]["reason"] == "timestamp_in_future"
    records = [record for _, record in await stored(gateway)]
    assert [r.meta.historical for r in records] == [True, False]
    moment = records[1].meta.event_time.ToDatetime(UTC)
    assert timedelta(seconds=50) < now - moment < timedelta(seconds=70)


async def test_without_a_broker_503_and_ready_and_it_comes_back(start_gateway: Start, tmp_path: Path) -> None:
    server = Nats(tmp_path / "nats", pick_free(), tmp_path / "nats.log")
    async with start_gateway(server.url) as gateway:
        await gateway.wait_for(lambda: gateway.gateway.health.database)
        status, problem, headers = await gateway.call("POST", "/v1/track", track())
        assert (status, problem["reason"]) == (503, "BROKER_UNAVAILABLE")
        assert int(headers["Retry-After"]) >= 1
        status, ready, _ = await gateway.call("GET", "/readyz")
        assert (status, ready) == (200, {"status": "ready", "database": "up", "broker": "down"})
        await server.start()
        try:
            await gateway.wait_for_broker()
            assert (await gateway.post("/v1/track", track()))[0] == 200
            await server.stop("immediate")
            status, problem = await gateway.post("/v1/track", track())
            assert (status, problem["reason"]) == (503, "BROKER_UNAVAILABLE")
        finally:
            await server.stop()


async def test_a_deleted_stream_is_made_again(start_gateway: Start, tmp_path: Path) -> None:
    server = Nats(tmp_path / "nats", pick_free(), tmp_path / "nats.log")
    await server.start()
    try:
        async with start_gateway(server.url) as gateway:
            await gateway.wait_for_broker()
            assert (await gateway.post("/v1/track", track()))[0] == 200
            client = await nats.connect(server.url)
            await client.jetstream().delete_stream("INGEST")
            await client.close()
            assert (await gateway.post("/v1/track", track()))[0] == 200
            assert len(await stored(gateway)) == 1
    finally:
        await server.stop()


async def test_a_full_queue_is_429(start_gateway: Start, nats_url: str) -> None:
    async with start_gateway(nats_url, queue_bytes=1000) as gateway:
        await gateway.wait_for_broker()
        status, problem, headers = await gateway.call("POST", "/v1/batch", {"batch": [track()] * 50})
        assert (status, problem["reason"]) == (429, "QUEUE_FULL")
        assert "Retry-After" in headers
        assert (await gateway.post("/v1/track", track()))[0] == 200


async def test_a_stream_that_could_lose_events_takes_none(start_gateway: Start, tmp_path: Path) -> None:
    server = Nats(tmp_path / "nats", pick_free(), tmp_path / "nats.log")
    await server.start()
    try:
        client = await nats.connect(server.url)
        await client.jetstream().add_stream(name="INGEST", subjects=["INGEST.*.*"], storage="memory")
        await client.close()
        async with start_gateway(server.url) as gateway:
            await gateway.wait_for_broker()
            status, problem, headers = await gateway.call("POST", "/v1/track", track())
            assert (status, problem["reason"]) == (503, "STREAM_UNSAFE")
            assert "storage is not file" in problem["detail"]
            assert int(headers["Retry-After"]) >= 1
    finally:
        await server.stop("immediate")


async def test_ingestion_goes_on_without_postgres_for_known_keys(
    own_gateway: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await own_gateway.post("/v1/track", track()))[0] == 200
    await own_gateway.gateway.database.stop()
    monkeypatch.setattr("gateway_service.auth.FRESH_S", 0)
    assert (await own_gateway.post("/v1/track", track()))[0] == 200
    unknown = {"Authorization": "Basic d3JvbmdrZXk6"}
    status, problem, _ = await own_gateway.call("POST", "/v1/track", track(), unknown)
    assert (status, problem["reason"]) == (503, "DATABASE_UNAVAILABLE")


async def test_framework_errors_are_problems(gateway: Any) -> None:
    status, problem, headers = await gateway.call("GET", "/v1/nothing")
    assert (status, problem["reason"], headers["Content-Type"]) == (
        404,
        "NOT_FOUND",
        "application/problem+json",
    )
    status, problem, headers = await gateway.call("GET", "/v1/track")
    assert (status, problem["reason"]) == (405, "METHOD_NOT_ALLOWED")
    assert "POST" in headers["Allow"]


async def test_refused_events_are_looked_at_mended_and_sent_again_once(gateway: Any) -> None:
    secret = {**gateway.bearer, "Content-Type": "application/json"}
    wrong = [
        {**track(n), "event": "", "Event": "Bought", "traits": {"phone": "13800138000"}} for n in range(3)
    ]
    hopeless = {**track(9), "event": "", "Event": "Bought", "userId": None}
    for _ in range(2):
        await gateway.post("/v1/batch", {"batch": [*wrong, hopeless]})
    await gateway.gateway.issues.flush()
    # The list asks profile too, which is not there: an issue's id is what its parts say.
    issue = IssueName("gateway", "rejected", "event_name_missing", "/v1/batch", "").id
    url = f"/v1/ingestion/issues/{issue}"
    found, token = [], ""
    while not found or token:
        _, page, _ = await gateway.call("GET", f"{url}/samples?page_size=3&page_token={token}", None, secret)
        found += page["items"]
        token = page["next_page_token"]
    assert len(found) == 4
    assert "13800138000" not in str(found)
    assert {one["event"]["Event"] for one in found} == {"Bought"}
    assert await stored(gateway) == []

    patch = {"patch": {"event": "Order Completed", "Event": None}}
    status, answer, _ = await gateway.call("POST", f"{url}:replay", patch, secret)
    assert (status, answer["replayed"], answer["rejected"]) == (200, 3, 1)
    assert answer["rejections"][0]["reason"] == "identifier_missing"
    again = await gateway.call("POST", f"{url}:replay", patch, secret)
    assert (again[1]["replayed"], again[1]["rejected"]) == (0, 1)
    records = await stored(gateway)
    assert {subject.split(".")[1] for subject, _ in records} == {"bulk"}
    assert sorted(r.meta.record_id for _, r in records) == sorted(event["messageId"] for event in wrong)

    refusal = await gateway.call("POST", f"{url}:replay", {"patch": {"messageId": "x"}}, secret)
    assert (refusal[0], refusal[1]["errors"][0]["pointer"]) == (400, "/patch/messageId")
    assert (await gateway.call("POST", f"{url}:dismiss", None, secret))[0] == 200
    assert (await gateway.call("GET", f"{url}/samples", None, secret))[1]["items"] == []
    assert await gateway.issue_rows() == {}
    assert (await gateway.call("GET", "/v1/ingestion/issues/iss_x/samples", None, secret))[0] == 404


async def test_samples_are_the_newest_and_leave_after_a_week(gateway: Any) -> None:
    store = RejectedStore(gateway.gateway.database)
    issue = ("rejected", "event_name_missing", "/v1/batch", "x")
    start = datetime(
        2126, 11, 1, tzinfo=UTC
    )  # the gateway's own expiry, which runs beside, touches none of it

    async def kept() -> int:
        return len(await store.page(gateway.workspace_id, issue, None, 5_000))

    for day in range(3):
        at = start + timedelta(days=day)
        many = [
            Sample(issue, uuid4(), b"sealed", at + timedelta(seconds=n))
            for n in range(MOST_PER_ISSUE // 2 + 1)
        ]
        await store.add(gateway.workspace_id, many)
    assert await kept() == MOST_PER_ISSUE
    await store.expire(start + timedelta(days=9))
    assert await kept() == MOST_PER_ISSUE // 2 + 1
    await store.expire(start + timedelta(days=10))
    assert await kept() == 0


async def test_the_last_events_are_shown_without_personal_data(gateway: Any) -> None:
    batch = [track(n, properties={"n": n, "email": "a@b.cn"}) for n in range(60)]
    await gateway.post("/v1/batch", {"batch": [*batch, track(event="")]})
    await gateway.post(
        "/v1/identify", {"userId": "a@b.cn", "traits": {"city": "上海", "phone": "13800138000"}}
    )
    status, page, _ = await gateway.call("GET", "/v1/ingestion/live", None, gateway.bearer)
    assert status == 200
    assert len(page["items"]) == 50
    newest = page["items"][0]
    assert (newest["type"], newest["traits"]) == ("identify", {"city": "上海", "phone": "***"})
    assert newest["identifiers"] == [{"type": "user_id", "scope": "", "value": "***", "verified": True}]
    assert [one["properties"]["n"] for one in page["items"][1:4]] == [59, 58, 57]
    assert "a@b.cn" not in str(page)
