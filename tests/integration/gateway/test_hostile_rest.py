"""Bodies of the REST surface that no library writes: refused with a problem, never a fault of ours."""

import gzip
from typing import Any

from chassis.ids import new_id

PASSED_OR_REFUSED = ((503, "SERVICE_NOT_CONFIGURED"), (400, "FIELD_INVALID"), (422, "FIELD_INVALID"))
DEEP = (50, 200, 254, 255, 256, 300, 400, 500, 700, 900, 930, 960, 990, 1_000, 5_000, 100_000)


def nested(levels: int) -> bytes:
    return b'{"name":"x","rule":' + b'{"not":' * levels + b"{}" + b"}" * levels + b"}"


async def test_nesting_of_any_depth_is_passed_on_or_refused(gateway: Any) -> None:
    headers = {**gateway.bearer, "Content-Type": "application/json"}
    for levels in DEEP:
        status, body, _ = await gateway.call("POST", "/v1/segments", nested(levels), headers)
        # 503: this gateway knows no segment service, so the body went through.
        assert (status, body["reason"]) in PASSED_OR_REFUSED, f"{levels} levels: {status} {body}"


ODD = [
    (b"\xff\xfe{\x00}\x00", "application/json"),
    (b'{"name":"\\ud800","rule":{}}', "application/json"),
    (b'{"name":"x","rule":{"trait":"\\udfff"}}', "application/json"),
    (b'{"name":"x\\u0000","rule":{}}', "application/json"),
    (b'{"name":"x","rule":{"a":NaN}}', "application/json"),
    (b'{"name":"x","rule":{"a":1e999}}', "application/json"),
    (b'{"name":"x","rule":{"a":' + b"9" * 5_000 + b"}}", "application/json"),
    (b'{"name":"x","name":"y","rule":[]}', "application/json"),
    (b"name=x&rule=y", "application/x-www-form-urlencoded"),
    (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    (gzip.compress(b'{"name":"x","rule":{}}'), "application/json"),
    (b"", "application/json"),
    (b"null", ""),
    (b'"x"', "text/plain"),
]


async def test_odd_bodies_are_problems(gateway: Any) -> None:
    for body, kind in ODD:
        headers = {**gateway.bearer, "Content-Type": kind}
        status, answer, _ = await gateway.call("POST", "/v1/segments", body, headers)
        assert (status, answer["reason"]) in PASSED_OR_REFUSED, f"{body[:40]!r}: {status} {answer}"


async def test_odd_paths_are_problems(gateway: Any) -> None:
    for path in ("/v1/segments/%00", "/v1/segments/%ff", "/v1/%2e%2e/x", "/v1/segments/" + "x" * 9_000):
        status, answer, _ = await gateway.call("GET", path, None, gateway.bearer)
        assert status in (400, 404, 503), f"{path[:40]}: {answer}"


async def test_a_parameter_that_does_not_exist_is_refused(gateway: Any) -> None:
    """A misspelt filter would list everybody, and a misspelt token the first page for ever."""
    for path, pointer in (
        ("/v1/profiles?identifer_type=phone", "#identifer_type"),
        ("/v1/jobs?page_size=1&page_tokn=x", "#page_tokn"),
        ("/v1/me?%ff=", "#\ufffd"),
    ):
        status, answer, _ = await gateway.call("GET", path, None, gateway.bearer)
        assert (status, [e["pointer"] for e in answer["errors"]]) == (400, [pointer]), answer
    assert (
        "page_size, page_token"
        in (await gateway.call("GET", "/v1/jobs?a=", None, gateway.bearer))[1]["detail"]
    )
    assert (await gateway.call("GET", "/v1/jobs?page_size=1", None, gateway.bearer))[0] == 200


async def test_an_error_points_into_the_address_when_it_came_from_there(gateway: Any) -> None:
    for method, path, pointer in (
        ("GET", "/v1/segments?page_token=%00", "#page_token"),
        ("POST", "/v1/segments/%00:explain", "#segment_id"),
    ):
        body = {"profile": str(new_id())} if method == "POST" else None
        status, answer, _ = await gateway.call(
            method, path, body, {**gateway.bearer, "Content-Type": "application/json"}
        )
        assert (status, [e["pointer"] for e in answer["errors"]]) == (400, [pointer]), answer


async def test_a_name_may_have_a_slash(gateway: Any) -> None:
    """It reaches the route that it is a part of; a slash as such still parts."""
    for path, route in (
        ("acme%2Feu", True),
        ("acme%2feu%2F/members", True),
        ("acme/eu", False),
        ("acme%2F/x", False),
    ):
        status, answer, _ = await gateway.call("GET", f"/v1/accounts/{path}", None, gateway.bearer)
        # 503: this gateway knows no profile service.
        assert status == (503 if route else 404), f"{path}: {answer}"
        assert route or f"/v1/accounts/{path} is not part" in answer["detail"]
    made = await gateway.call("DELETE", "/v1/members/a%2Fb%ef%a3%bf", None, gateway.bearer)
    assert (made[0], made[1]["reason"]) == (404, "NOT_FOUND")


async def test_a_text_that_the_gateways_own_tables_cannot_hold_is_a_problem(gateway: Any) -> None:
    body = {"name": "x\0y", "kind": "write"}
    status, answer, _ = await gateway.call("POST", "/v1/api-keys", body, gateway.bearer)
    assert (status, answer["errors"][0]["reason"]) == (400, "nul_character")


async def test_a_moment_says_its_time_zone(gateway: Any) -> None:
    """Read as UTC, what somebody in Shanghai wrote would be eight hours off, and decide which of two consents holds."""
    consent = {"state": "withdrawn", "channel": "sms"}
    for path, body, field in (
        ("consents", consent, "given_at"),
        ("credits", {"app_id": "wx1", "template_id": "t"}, "granted_at"),
        ("credits", {"app_id": "wx1", "template_id": "t"}, "expires_at"),
        ("relations", {"staff_id": "e", "kind": "sales"}, "since"),
    ):
        for moment, status in (
            ("2026-11-23T10:00:00", 422),
            ("2026-11-23", 422),
            ("0001-01-01T00:00:00+10:00", 422),
            ("2026-11-23T10:00:00+08:00", 503),
        ):
            sent = {**body, field: moment}
            headers = {**gateway.bearer, "Content-Type": "application/json"}
            got, answer, _ = await gateway.call("POST", f"/v1/profiles/user_id:1/{path}", sent, headers)
            assert got == status, f"{field} {moment}: {answer}"
            assert got == 503 or answer["errors"][0]["pointer"] == f"/{field}"
