"""QR codes: a scan is an event, and whoever scanned is the one who answers."""

from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from tests.integration.gateway.conftest import Running
from tests.integration.gateway.test_forms import accepted, made, opened, page

PARAMETERS = {"channel": "poster", "shop": "sh-1", "utm_campaign": "spring"}


async def coded(gateway: Running, **definition: Any) -> dict[str, Any]:
    body = {"name": "door", "definition": {"kind": "link", "parameters": PARAMETERS, **definition}}
    status, code, _ = await gateway.call("POST", "/v1/qr-codes", body, gateway.bearer)
    assert status == 201, code
    return dict(code)


async def scan(
    gateway: Running, code: dict[str, Any], method: str = "GET", **headers: str
) -> tuple[int, str]:
    path = f"/q/{code['url'].rpartition('/')[2]}"
    async with gateway.http.request(
        method, gateway.url + path, headers=headers, allow_redirects=False
    ) as answer:
        return answer.status, answer.headers.get("Location", "")


async def numbers(gateway: Running, code: dict[str, Any]) -> dict[str, Any]:
    await gateway.gateway.flushes[0]()
    path = f"/v1/qr-codes/{code['qr_code_id']}/statistics"
    _, answer, _ = await gateway.call("GET", path, None, gateway.bearer)
    return dict(answer)


async def test_a_scan_leads_to_the_form_and_the_answer_is_of_who_scanned(new_workspace: Running) -> None:
    gateway = new_workspace
    form = await made(gateway)
    code = await coded(gateway, form_id=form["form_id"])
    status, location = await scan(gateway, code)
    assert status == 302
    there = urlsplit(location)
    assert there.path == urlsplit(form["url"]).path
    assert parse_qs(there.query)["utm_campaign"] == ["spring"]
    _, hidden = await opened(gateway, form, f"?{there.query}")
    assert (await page(gateway, form, {**hidden, "phone": "13912345678"}))[0] == 200
    scanned, who, answered = await accepted(gateway)
    assert scanned["name"] == "QR Code Scanned"
    assert scanned["identifiers"] == who["identifiers"] == answered["identifiers"]
    told = scanned["properties"]
    assert {**told, **PARAMETERS} == told
    assert answered["properties"]["qr_code_id"] == code["qr_code_id"] == told["qr_code_id"]
    assert answered["properties"]["shop"] == "sh-1"
    found = await numbers(gateway, code)
    assert (found["scans"], found["submissions"], found["dropped"]) == (1, 1, 0)
    assert [(day["scans"], day["submissions"]) for day in found["days"]] == [(1, 1)]


async def test_looking_ahead_is_no_scan(new_workspace: Running) -> None:
    gateway = new_workspace
    code = await coded(gateway, url="https://shop.example.com/a?b=1#c")
    assert (await scan(gateway, code, "HEAD"))[0] == 200
    status, location = await scan(gateway, code, **{"Sec-Purpose": "prefetch"})
    assert status == 302
    assert await accepted(gateway) == []
    assert (await numbers(gateway, code))["scans"] == 0
    there = urlsplit(location)
    assert (there.scheme, there.netloc, there.path, there.fragment) == (
        "https",
        "shop.example.com",
        "/a",
        "c",
    )
    assert parse_qs(there.query).keys() == {"b", "utm_campaign", "ajs_aid"}


async def test_what_is_printed_can_lead_elsewhere_later(new_workspace: Running) -> None:
    gateway = new_workspace
    code = await coded(gateway, url="https://shop.example.com/")
    path = f"/v1/qr-codes/{code['qr_code_id']}"
    body = {"name": "door", "definition": {"kind": "link", "url": "https://other.example.com/"}}
    headers = {**gateway.bearer, "If-Match": code["etag"]}
    assert (await gateway.call("PUT", path, body, headers))[0] == 200
    assert (await gateway.call("PUT", path, body, headers))[0] == 412
    assert (await scan(gateway, code))[1].startswith("https://other.example.com/?ajs_aid=")
    assert (await gateway.call("DELETE", path, None, gateway.bearer))[0] == 200
    assert (await scan(gateway, code))[0] == 404


async def test_the_image_says_the_link(new_workspace: Running) -> None:
    gateway = new_workspace
    code = await coded(gateway, url="https://shop.example.com/")
    path = f"{gateway.url}/v1/qr-codes/{code['qr_code_id']}/image"
    async with gateway.http.get(f"{path}.svg?scale=3&margin=2", headers=gateway.bearer) as answer:
        assert (answer.status, answer.content_type) == (200, "image/svg+xml")
        drawing = ElementTree.parse(BytesIO(await answer.read())).getroot()
    async with gateway.http.get(f"{path}.png?correction=H", headers=gateway.bearer) as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
        assert (await answer.read()).startswith(b"\x89PNG")
    assert (int(drawing.get("width", "0")) / 3 - 4 - 17) % 4 == 0  # a side of 17 + 4 · version modules
    async with gateway.http.get(f"{path}.png?scale=51", headers=gateway.bearer) as answer:
        assert answer.status == 422


async def test_a_channel_tells_of_a_scene_once(new_workspace: Running) -> None:
    gateway = new_workspace
    code = await coded(gateway, kind="wechat_oa", scene="shop88")
    who = [{"type": "wechat_openid", "id": "oABC", "scope": "wx1"}]
    body = {"scene": "qrscene_shop88", "identifiers": who, "message_id": "m1"}
    for _ in range(2):
        status, answer, _ = await gateway.call("POST", "/v1/qr-codes:scanned", body, gateway.bearer)
        assert (status, answer) == (200, {"qr_code_id": code["qr_code_id"], "parameters": PARAMETERS})
    first, again = await accepted(gateway)
    assert first["message_id"] == again["message_id"]  # profile stores the first
    assert first["identifiers"] == [
        {"type": "wechat_openid", "scope": "wx1", "value": "oABC", "verified": True}
    ]
    assert first["properties"]["shop"] == "sh-1"
    unknown = {**body, "scene": "shop89"}
    status, answer, _ = await gateway.call("POST", "/v1/qr-codes:scanned", unknown, gateway.bearer)
    assert (status, answer["errors"][0]["pointer"]) == (404, "/scene")
    twin = {"name": "x", "definition": {"kind": "wecom_contact_way", "scene": "shop88"}}
    status, answer, _ = await gateway.call("POST", "/v1/qr-codes", twin, gateway.bearer)
    assert (status, answer["reason"]) == (409, "NAME_TAKEN")
    nowhere = {"name": "x", "definition": {"kind": "link", "form_id": code["qr_code_id"]}}
    status, answer, _ = await gateway.call("POST", "/v1/qr-codes", nowhere, gateway.bearer)
    assert (status, answer["errors"][0]["pointer"]) == (400, "/definition/form_id")
    path = f"/v1/qr-codes/{code['qr_code_id']}/image.svg"
    assert (await gateway.call("GET", path, None, gateway.bearer))[0] == 409
