"""Rates per key and guesses per address, over HTTP."""

import asyncio
import base64
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from gateway_service.ingest.body import MAX_BATCH

from tests.integration.gateway.conftest import Running

TRACK = {"type": "track", "userId": "u", "event": "E"}
Start = Callable[..., AbstractAsyncContextManager[Running]]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def test_answers_say_how_much_is_left(gateway: Running) -> None:
    _, _, headers = await gateway.call("POST", "/v1/batch", {"batch": [TRACK] * 500})
    assert headers["RateLimit-Limit"] == "400000"
    assert int(headers["RateLimit-Remaining"]) == 399_500
    assert headers["RateLimit-Reset"] == "1"
    assert headers["RateLimit"] == f'"events";r={headers["RateLimit-Remaining"]};t=1'
    assert headers["RateLimit-Policy"] == '"requests";q=10000;w=2, "events";q=400000;w=2'
    assert "RateLimit-Remaining" in headers["Access-Control-Expose-Headers"]
    _, _, headers = await gateway.call("GET", "/v1/ingestion/issues", headers=gateway.bearer)
    assert headers["RateLimit-Limit"] == "10000"
    for path in ("/livez", "/v1/segments"):
        _, _, headers = await gateway.call("GET", path, headers={})
        assert "RateLimit" not in headers, "only who has a key has a limit"


async def test_a_key_that_sends_too_often_is_told_when_to_come_back(
    start_gateway: Start, nats_url: str
) -> None:
    async with start_gateway(nats_url, requests_per_s=2, requests_burst=4, replicas=2) as gateway:
        await gateway.wait_for_broker()
        began = time.monotonic()
        answers = [await gateway.call("POST", "/v1/track", TRACK) for _ in range(8)]
        took = time.monotonic() - began
        statuses = Counter(status for status, _, _ in answers)
        assert 2 <= statuses[200] <= 2 + took, "this replica's share: 2 at once and 1 a second"
        _, body, headers = next(one for one in answers if one[0] == 429)
        assert (body["reason"], body["code"]) == ("RATE_LIMITED", "RATE_LIMITED")
        assert "1 requests a second, 2 at once" in body["detail"]
        assert headers["Retry-After"] == "1"
        assert headers["RateLimit-Remaining"] == "0"
        assert headers["Access-Control-Allow-Origin"] == "*"
        # Another key of the same workspace has a bucket of its own; both ways to name a key lead to one bucket.
        status, _, headers = await gateway.call("GET", "/v1/ingestion/issues", headers=gateway.bearer)
        assert status != 429
        inside = {**TRACK, "writeKey": gateway.workspace.write_key}
        odd = base64.b64encode(f"{gateway.workspace.write_key}:x".encode()).decode()
        ways: list[tuple[Any, dict[str, str]]] = [(inside, {}), (TRACK, {"Authorization": f"basic {odd}"})]
        statuses = Counter([(await gateway.call("POST", "/v1/track", b, headers=h))[0] for b, h in ways * 3])
        assert statuses[429] >= 3


async def test_events_are_counted_and_a_large_batch_is_never_impossible(
    start_gateway: Start, nats_url: str
) -> None:
    async with start_gateway(nats_url, events_per_s=10, events_burst=10) as gateway:
        await gateway.wait_for_broker()
        status, body = await gateway.post("/v1/batch", {"batch": [TRACK] * 500})
        assert (status, body["accepted"]) == (200, 500)
        status, body, headers = await gateway.call("POST", "/v1/track", TRACK)
        assert (status, body["reason"]) == (429, "RATE_LIMITED")
        assert 40 <= int(headers["Retry-After"]) <= 50
        assert gateway.gateway.commit._room == 64 * 1024 * 1024, "what is refused holds no memory"


async def test_who_guesses_keys_waits_and_keys_in_use_go_on(start_gateway: Start, nats_url: str) -> None:
    async with start_gateway(nats_url, wrong_keys_per_s=0.01, wrong_keys_burst=3) as gateway:
        await gateway.wait_for_broker()
        issues = "/v1/ingestion/issues"
        assert (await gateway.call("POST", "/v1/track", TRACK))[0] == 200
        wrong = [(await gateway.call("GET", issues, headers=bearer(f"wp_secret_{n}")))[0] for n in range(4)]
        assert wrong == [401, 401, 401, 429]
        status, body, headers = await gateway.call(
            "POST", "/v1/track", {**TRACK, "writeKey": "w"}, headers={}
        )
        assert (status, body["reason"]) == (429, "RATE_LIMITED")
        assert "wrong keys" in body["detail"]
        assert 60 <= int(headers["Retry-After"]) <= 100
        assert (await gateway.call("POST", "/v1/track", TRACK))[0] == 200, "seen valid before"
        assert (await gateway.call("GET", issues, headers=gateway.bearer))[0] == 429, "never seen"
        # Nothing was guessed by who sends no key, or a body that is too large to look for one.
        assert (await gateway.call("GET", issues, headers={}))[0] == 401
        assert (await gateway.call("POST", "/v1/batch", b" " * (MAX_BATCH + 1), headers={}))[0] == 413


async def test_the_client_is_who_connects_unless_a_trusted_proxy_says_otherwise(
    start_gateway: Start, nats_url: str
) -> None:
    async def guess(gateway: Running, client: str) -> int:
        headers = {**bearer(f"wp_secret_{time.monotonic_ns()}"), "X-Forwarded-For": client}
        return (await gateway.call("GET", "/v1/segments", headers=headers))[0]

    limits = {"wrong_keys_per_s": 0.01, "wrong_keys_burst": 1}
    async with start_gateway(nats_url, **limits) as gateway:
        assert [await guess(gateway, f"198.51.100.{n}") for n in range(2)] == [401, 429]
    async with start_gateway(nats_url, trusted_proxies="127.0.0.0/8", **limits) as gateway:
        assert [await guess(gateway, f"198.51.100.{n}") for n in range(2)] == [401, 401]
        assert await guess(gateway, "198.51.100.0") == 429
        network = [await guess(gateway, f"2001:db8::{n}") for n in range(1, 3)]
        assert network == [401, 429], "an IPv6 client has a whole network of addresses"
        together = await asyncio.gather(*(guess(gateway, "not an address") for _ in range(3)))
        assert set(together) <= {401, 429}
