"""Keys through the gateway: made, confined, listed, replaced, ended."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

import pytest
from chassis.clock import SystemClock
from gateway_service.store.keys import KeyStore, Wanted, new_key

from tests.integration.gateway.conftest import Running

WORKING = {"userId": "anna", "event": "Seen"}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def basic(key: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


async def made(gateway: Running, headers: dict[str, str] | None = None, **wanted: Any) -> Any:
    body = {"name": "shop", "kind": "secret", "scopes": ["profiles:read"], **wanted}
    status, answer, _ = await gateway.call("POST", "/v1/api-keys", body, headers or gateway.bearer)
    assert status == 201, answer
    return answer


async def status_of(
    gateway: Running, method: str, path: str, headers: dict[str, str], body: Any = None
) -> Any:
    status, answer, _ = await gateway.call(method, path, body, headers)
    return status, (answer or {}).get("reason")


async def test_a_key_is_shown_once_and_works_at_once(gateway: Running) -> None:
    key = await made(gateway)
    assert key["key"].startswith("wp_secret_")
    assert key["hint"] == key["key"][-4:]
    status, me, _ = await gateway.call("GET", "/v1/me", None, bearer(key["key"]))
    assert (status, me["name"], me["scopes"]) == (200, "shop", ["profiles:read"])
    _, listed, _ = await gateway.call("GET", "/v1/api-keys", None, gateway.bearer)
    assert [one["name"] for one in listed["items"]] == ["shop", "default secret key", "default write key"]
    assert key["key"] not in str(listed)
    status, one, _ = await gateway.call("GET", f"/v1/api-keys/{key['key_id']}", None, gateway.bearer)
    assert (one["state"], one["created_by"], "key" in one) == ("active", "default secret key", False)


async def test_a_write_key_sends_and_does_nothing_else(gateway: Running) -> None:
    key = await made(gateway, name="site", kind="write", scopes=[])
    assert key["scopes"] == ["ingestion:send"]
    status, _ = await gateway.post("/v1/track", WORKING, headers=basic(key["key"]))
    assert status == 200
    assert await status_of(gateway, "GET", "/v1/me", bearer(key["key"])) == (401, "UNAUTHENTICATED")
    assert await status_of(gateway, "POST", "/v1/track", basic(gateway.workspace.secret_key), WORKING) == (
        401,
        "UNAUTHENTICATED",
    )


async def test_nobody_hands_on_more_than_they_hold(gateway: Running) -> None:
    scopes = ["keys:read", "keys:write", "profiles:read"]
    limited = bearer((await made(gateway, scopes=scopes))["key"])
    await made(gateway, limited, name="reader", scopes=["profiles:read"])
    for wanted in (["*"], ["journeys:write"], ["profiles:read", "audit:read"]):
        body = {"name": "more", "kind": "secret", "scopes": wanted}
        assert await status_of(gateway, "POST", "/v1/api-keys", limited, body) == (403, "RIGHTS_EXCEEDED")
    [strong] = [
        key["key_id"]
        for key in (await gateway.call("GET", "/v1/api-keys", None, limited))[1]["items"]
        if key["scopes"] == ["*"]
    ]
    for verb in ("rotate", "revoke"):
        path = f"/v1/api-keys/{strong}:{verb}"
        assert await status_of(gateway, "POST", path, limited) == (403, "RIGHTS_EXCEEDED")
    reader = bearer((await made(gateway, name="other", scopes=["profiles:read"]))["key"])
    assert await status_of(gateway, "GET", "/v1/api-keys", reader) == (403, "SCOPE_MISSING")


async def test_a_key_is_replaced_while_both_work_and_never_three(gateway: Running) -> None:
    first = await made(gateway)
    path = f"/v1/api-keys/{first['key_id']}:rotate"
    status, second, _ = await gateway.call("POST", path, {"overlap_hours": 1}, gateway.bearer)
    assert (status, second["name"], second["scopes"]) == (201, "shop", ["profiles:read"])
    for key in (first, second):
        assert await status_of(gateway, "GET", "/v1/me", bearer(key["key"])) == (200, None)
    _, old, _ = await gateway.call("GET", f"/v1/api-keys/{first['key_id']}", None, gateway.bearer)
    assert old["expires_at"] is not None
    for key in (first, second):
        path = f"/v1/api-keys/{key['key_id']}:rotate"
        assert await status_of(gateway, "POST", path, gateway.bearer) == (409, "KEYS_IN_ROTATION")
    assert await status_of(gateway, "POST", f"/v1/api-keys/{first['key_id']}:revoke", gateway.bearer) == (
        200,
        None,
    )
    assert await status_of(gateway, "GET", "/v1/me", bearer(first["key"])) == (401, "UNAUTHENTICATED")
    path = f"/v1/api-keys/{first['key_id']}:rotate"
    assert await status_of(gateway, "POST", path, gateway.bearer) == (409, "KEY_NOT_WORKING")


async def test_without_overlap_the_old_key_ends_at_once(gateway: Running) -> None:
    first = await made(gateway)
    path = f"/v1/api-keys/{first['key_id']}:rotate"
    status, second, _ = await gateway.call("POST", path, {"overlap_hours": 0}, gateway.bearer)
    assert status == 201
    assert await status_of(gateway, "GET", "/v1/me", bearer(first["key"])) == (401, "UNAUTHENTICATED")
    assert await status_of(gateway, "GET", "/v1/me", bearer(second["key"])) == (200, None)


async def test_two_who_rotate_at_once_make_one_successor(gateway: Running) -> None:
    first = await made(gateway)
    path = f"/v1/api-keys/{first['key_id']}:rotate"
    answers = await asyncio.gather(*(gateway.call("POST", path, {}, gateway.bearer) for _ in range(5)))
    assert sorted(status for status, _, _ in answers) == [201, 409, 409, 409, 409]


async def test_the_last_key_that_makes_keys_stays(gateway: Running) -> None:
    _, listed, _ = await gateway.call("GET", "/v1/api-keys", None, gateway.bearer)
    [last] = [key["key_id"] for key in listed["items"] if key["kind"] == "secret"]
    path = f"/v1/api-keys/{last}:revoke"
    assert await status_of(gateway, "POST", path, gateway.bearer) == (409, "LAST_KEY")
    await made(gateway, scopes=["*"], expires_in_days=1)
    assert await status_of(gateway, "POST", path, gateway.bearer) == (409, "LAST_KEY")
    await made(gateway, name="second", scopes=["keys:write"])
    assert await status_of(gateway, "POST", path, gateway.bearer) == (200, None)


async def test_an_expired_key_is_no_key(gateway: Running) -> None:
    key, now = new_key("secret"), SystemClock().now()
    store = KeyStore(gateway.gateway.database)
    wanted = Wanted("secret", "gone", ["*"], [], "test", now - timedelta(seconds=1))
    made = await store.create(gateway.workspace_id, gateway.workspace_id, key, wanted)
    assert made.state(now) == "expired"
    assert await status_of(gateway, "GET", "/v1/me", bearer(key)) == (401, "UNAUTHENTICATED")
    _, listed, _ = await gateway.call("GET", "/v1/api-keys?state=all", None, gateway.bearer)
    assert "gone" in [one["name"] for one in listed["items"]]
    _, listed, _ = await gateway.call("GET", "/v1/api-keys", None, gateway.bearer)
    assert "gone" not in [one["name"] for one in listed["items"]]


async def test_a_repeated_call_makes_one_key_and_does_not_show_it_again(gateway: Running) -> None:
    once = {**gateway.bearer, "Idempotency-Key": "a"}
    first = await made(gateway, once)
    again = await made(gateway, once)
    assert (again["key_id"], again["key"]) == (first["key_id"], None)
    body = {"name": "else", "kind": "secret", "scopes": ["profiles:read"]}
    assert await status_of(gateway, "POST", "/v1/api-keys", once, body) == (400, "REQUEST_ID_REUSED")


@pytest.mark.parametrize(
    ("wanted", "status", "reason"),
    [
        ({"scopes": ["profiles:reed"]}, 400, "SCOPE_UNKNOWN"),
        ({"scopes": []}, 400, "FIELD_INVALID"),
        ({"kind": "write"}, 400, "FIELD_INVALID"),
        ({"kind": "admin"}, 422, "FIELD_INVALID"),
        ({"name": ""}, 422, "FIELD_INVALID"),
        ({"name": "default secret key"}, 409, "NAME_TAKEN"),
        ({"org_units": [""]}, 400, "FIELD_INVALID"),
        ({"expires_in_days": 0}, 422, "FIELD_INVALID"),
        ({"scope": "x"}, 422, "FIELD_INVALID"),
    ],
)
async def test_what_is_wrong_is_said(gateway: Running, wanted: Any, status: int, reason: str) -> None:
    body = {"name": "shop", "kind": "secret", "scopes": ["profiles:read"], **wanted}
    code, answer, _ = await gateway.call("POST", "/v1/api-keys", body, gateway.bearer)
    assert (code, answer["reason"]) == (status, reason)
    assert answer["errors"]


async def test_a_confined_write_key_sends_for_its_org_units(gateway: Running) -> None:
    one = basic((await made(gateway, name="s1", kind="write", scopes=[], org_units=["s1"]))["key"])
    two = basic((await made(gateway, name="s12", kind="write", scopes=[], org_units=["s1", "s2"]))["key"])

    async def sent(key: dict[str, str], unit: str | None) -> list[str]:
        event = {**WORKING, "context": {"org_unit": unit} if unit else {}}
        status, answer = await gateway.post("/v1/track", event, headers=key)
        assert status == 200
        return [one["reason"] for one in answer["rejected"]]

    assert [await sent(one, unit) for unit in (None, "s1", "s2")] == [[], [], ["org_unit_foreign"]]
    assert [await sent(two, unit) for unit in (None, "s2", "s3")] == [
        ["org_unit_foreign"],
        [],
        ["org_unit_foreign"],
    ]


async def test_when_a_key_was_last_used_is_written_down(gateway: Running) -> None:
    key = await made(gateway)
    await status_of(gateway, "GET", "/v1/me", bearer(key["key"]))
    await gateway.gateway.keys.flush()
    _, one, _ = await gateway.call("GET", f"/v1/api-keys/{key['key_id']}", None, gateway.bearer)
    assert one["last_used_at"] is not None


async def test_keys_of_another_workspace_are_not_there(gateway: Running) -> None:
    other = await KeyStore(gateway.gateway.database).create_workspace("keyed beside")
    key = await made(gateway)
    stranger = bearer(other.secret_key)
    for method, path in (
        ("GET", f"/v1/api-keys/{key['key_id']}"),
        ("POST", f"/v1/api-keys/{key['key_id']}:rotate"),
        ("POST", f"/v1/api-keys/{key['key_id']}:revoke"),
    ):
        assert await status_of(gateway, method, path, stranger) == (404, "NOT_FOUND")
    _, listed, _ = await gateway.call("GET", "/v1/api-keys", None, stranger)
    assert [one["name"] for one in listed["items"]] == ["default secret key", "default write key"]
