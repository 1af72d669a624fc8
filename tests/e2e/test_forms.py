"""From a poster to a person: scanned, filled in, agreed to, and found again as one."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from waypost_dev.errors import DevError
from waypost_dev.stack import Stack

from tests.e2e.tenants import Tenant, tenants
from tests.waiting import until

NEWS = "I want news by SMS."
DEFINITION: dict[str, Any] = {
    "languages": ["en", "zh"],
    "title": {"en": "Club", "zh": "会员登记"},
    "fields": [
        {"name": "phone", "kind": "phone", "label": {"en": "Phone", "zh": "手机"}, "required": True, "trait": "phone"},
        {"name": "skin", "kind": "choice", "label": "Skin", "trait": "skin",
         "options": [{"value": "dry", "label": "Dry"}, {"value": "oily", "label": "Oily"}]},
    ],
    "consents": [
        {"name": "news", "channel": "sms", "purpose": "marketing", "text_version": "2026-11",
         "text": {"en": NEWS, "zh": "我愿意接收短信。"}},
    ],
}  # fmt: skip


async def test_who_scans_and_fills_in_is_one_person_with_proof_of_consent(stack: Stack) -> None:
    async with tenants(stack, 1) as [tenant], tenant.client() as client:
        form = await client.post("/v1/forms", {"name": "club", "definition": DEFINITION})
        await client.post(f"/v1/forms/{form['form_id']}:publish")
        leads = {"kind": "link", "form_id": form["form_id"], "parameters": {"shop": "sh-1"}}
        code = await client.post("/v1/qr-codes", {"name": "door", "definition": leads})

        shown, fields = await _follow(tenant, code["url"])
        assert NEWS in shown
        await _send(tenant, form["url"], {**fields, "phone": "13912340001", "skin": "dry", "news": "yes"})
        visitor = f"anonymous_id:{fields['ajs_aid']}"
        person = await _known(tenant, visitor, events=2)
        assert person["traits"]["skin"] == "dry"
        assert [point["type"] for point in person["contact_points"]] == ["phone"]
        # What is typed is not verified: it is no identifier.
        assert {one["type"] for one in person["identifiers"]} == {"anonymous_id"}
        line = (await tenant.call("GET", f"/v1/profiles/{visitor}/timeline")).body["items"]
        assert [one["title"]["en"] for one in line] == ["Form Submitted", "QR Code Scanned"]
        assert {one["details"]["properties"]["shop"] for one in line} == {"sh-1"}
        ledger = (await tenant.call("GET", f"/v1/profiles/{visitor}/consents")).body
        [entry] = ledger["items"]
        assert (entry["state"], entry["channel"], entry["text_version"]) == ("granted", "sms", "2026-11")
        assert entry["source"] == "forms"
        assert {**entry["proof"], "text": NEWS, "language": "en", "form_version": 1} == entry["proof"]
        assert entry["proof"]["form_id"] == form["form_id"]
        assert [one["state"] for one in ledger["in_force"]] == ["granted"]

        # A personal link says whose answer it is.
        identifier = {"type": "member_id", "id": "m-1"}
        for useless in ({"type": "wechat_openid", "id": "o1"}, {"type": "phone", "id": "12"}):
            with pytest.raises(DevError, match=r"answered 400.*/identifier"):
                await client.post(f"/v1/forms/{form['form_id']}:link", {"identifier": useless})
        link = await client.post(f"/v1/forms/{form['form_id']}:link", {"identifier": identifier})
        assert "m-1" not in link["url"]
        _, fields = await _follow(tenant, link["url"])
        await _send(tenant, form["url"], {**fields, "phone": "13912340002"})
        await _known(tenant, "member_id:m-1", events=1)
        # Of another form, or made up, it says nothing.
        once = {**DEFINITION, "once_by": "phone"}
        other = await client.post("/v1/forms", {"name": "other", "definition": once})
        await client.post(f"/v1/forms/{other['form_id']}:publish")
        _, strange = await _follow(tenant, other["url"])
        strange |= {"_person": fields["_person"], "phone": "13912340003", "ajs_aid": "stranger"}
        await _send(tenant, other["url"], strange)
        found = await _known(tenant, "anonymous_id:stranger", events=1)
        assert {one["type"] for one in found["identifiers"]} == {"anonymous_id"}

        # One answer for each phone, however it is written.
        _, again = await _follow(tenant, other["url"])
        await _send(tenant, other["url"], {**again, "phone": "+86 139-1234-0003"}, status=409)
        await _send(tenant, other["url"], {**again, "phone": "13912340004"})
        await _send(tenant, other["url"], strange)  # the very same answer once more


async def test_a_box_that_the_ledger_would_not_take_is_refused(stack: Stack) -> None:
    async with tenants(stack, 1) as [tenant]:
        box = {**DEFINITION["consents"][0], "channel": "pigeon"}
        body = {"name": "x", "definition": {**DEFINITION, "consents": [box]}}
        answer = await tenant.call("POST", "/v1/forms", body)
        assert (answer.status, answer.body["errors"][0]["pointer"]) == (400, "/definition/consents/0/channel")


async def _follow(tenant: Tenant, url: str) -> tuple[str, dict[str, str]]:
    """The page that an address leads to, and what it brings back."""
    async with tenant.http.get(url, headers={"Accept-Language": "en"}) as answer:
        assert answer.status == 200
        shown = await answer.text()
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', shown)
    return shown, {name: unescape(value) for name, value in hidden}


async def _send(tenant: Tenant, url: str, fields: dict[str, str], status: int = 200) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    path = urlsplit(url).path
    async with tenant.http.post(tenant.url + path, data=urlencode(fields), headers=headers) as answer:
        assert answer.status == status, await answer.text()


async def _known(tenant: Tenant, who: str, events: int) -> dict[str, Any]:
    async def stored() -> bool:
        answer = await tenant.call("GET", f"/v1/profiles/{who}")
        return answer.status == 200 and answer.body["event_count"] == events

    await until(stored, seconds=30)
    return dict((await tenant.call("GET", f"/v1/profiles/{who}")).body)
