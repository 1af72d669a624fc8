"""Hosted forms: what visitors send is stored once, counted once, and comes back to them when it cannot be taken."""

import asyncio
import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from waypost_dev.nats import Nats
from waypost_dev.ports import pick_free

from tests.integration.gateway.conftest import Running

HTML = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Language": "en"}
XSS = '"><script>alert(1)</script>'
DEFINITION: dict[str, Any] = {
    "languages": ["en", "zh"],
    "title": {"en": f"Club {XSS}", "zh": "会员登记"},
    "fields": [
        {"name": "phone", "kind": "phone", "label": "Phone", "required": True, "trait": "phone"},
        {"name": "city", "kind": "text", "label": "City", "trait": "city"},
        {"name": "size", "kind": "choice", "label": "Size", "property": "size",
         "options": [{"value": "s", "label": "Small"}, {"value": "l", "label": "Large"}]},
        {"name": "ref", "kind": "hidden", "property": "ref"},
    ],
}  # fmt: skip


async def made(gateway: Running, **more: Any) -> dict[str, Any]:
    """A form that is open."""
    body = {"name": "club", "definition": {**DEFINITION, **more}}
    status, form, _ = await gateway.call("POST", "/v1/forms", body, gateway.bearer)
    assert status == 201, form
    status, form, _ = await gateway.call("POST", f"/v1/forms/{form['form_id']}:publish", None, gateway.bearer)
    assert (status, form["state"], form["version"]) == (200, "open", 1), form
    return dict(form)


async def opened(gateway: Running, form: dict[str, Any], query: str = "") -> tuple[str, dict[str, str]]:
    """The page, and what its hidden fields bring back."""
    status, text, _ = await page(gateway, form, query=query)
    assert status == 200, text
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text)
    return text, {name: unescape(value) for name, value in hidden}


async def page(
    gateway: Running, form: dict[str, Any], fields: dict[str, str] | None = None, query: str = ""
) -> tuple[int, str, Any]:
    """Looked at, or sent with these fields."""
    path = f"/f/{form['url'].rpartition('/')[2]}{query}"
    method, data = ("GET", None) if fields is None else ("POST", urlencode(fields))
    async with gateway.http.request(
        method, gateway.url + path, data=data, headers=HTML, allow_redirects=False
    ) as answer:
        return answer.status, await answer.text(), answer.headers


async def numbers(gateway: Running, form: dict[str, Any]) -> dict[str, Any]:
    await gateway.gateway.flushes[0]()
    path = f"/v1/forms/{form['form_id']}/statistics"
    _, answer, _ = await gateway.call("GET", path, None, gateway.bearer)
    return dict(answer)


async def accepted(gateway: Running) -> list[Any]:
    """The events that the broker has, oldest first."""
    _, answer, _ = await gateway.call("GET", "/v1/ingestion/live", None, gateway.bearer)
    return list(reversed(answer["items"]))


async def test_what_is_typed_is_shown_and_stored_as_text(new_workspace: Running) -> None:
    gateway = new_workspace
    form = await made(gateway)
    text, hidden = await opened(gateway, form, "?utm_source=poster&ref=a%22b&lang=en")
    assert hidden["utm_source"] == "poster"
    assert hidden["ref"] == 'a"b'
    status, wrong, headers = await page(gateway, form, {**hidden, "phone": XSS, "city": XSS})
    assert status == 422
    for shown in (text, wrong):
        assert "<script" not in shown
        assert '<html lang="en">' in shown
    assert f'value="{XSS}"' not in wrong
    assert unescape(wrong).count(XSS) == 4  # the title twice, and what was typed
    assert 'id="e-phone"' in wrong
    assert 'aria-invalid="true"' in wrong
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert headers["Cache-Control"] == "no-store"
    hidden["phone"] = "139 1234 5678"
    status, done, _ = await page(gateway, form, hidden)
    assert status == 200
    assert "Thank you" in done
    who, event = await accepted(gateway)
    assert (who["type"], event["type"], event["name"]) == ("identify", "track", "Form Submitted")
    told = event["properties"]
    assert (told["ref"], told["utm_source"], told["form_version"]) == ('a"b', "poster", 1)


async def test_the_same_answer_counts_once(new_workspace: Running) -> None:
    gateway = new_workspace
    form = await made(gateway)
    _, hidden = await opened(gateway, form)
    fields = {**hidden, "phone": "13912345678"}
    answers = await asyncio.gather(*(page(gateway, form, fields) for _ in range(5)))
    assert {status for status, *_ in answers} == {200}
    assert len({one["message_id"] for one in await accepted(gateway)}) == 2
    found = await numbers(gateway, form)
    assert (found["views"], found["submissions"], found["conversion"]) == (1, 1, 1.0)
    assert [(day["views"], day["submissions"]) for day in found["days"]] == [(1, 1)]


async def test_the_gateway_keeps_nothing_of_who_answered(new_workspace: Running) -> None:
    gateway = new_workspace
    form = await made(gateway, once_by="phone")
    _, hidden = await opened(gateway, form, "?ajs_aid=visitor-7")
    fields = {**hidden, "phone": "13912345678", "city": "Kunshan"}
    assert (await page(gateway, form, fields))[0] == 200
    await numbers(gateway, form)
    async with gateway.gateway.database.transaction(gateway.workspace_id) as tx:
        tables = await tx.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        )
        rows = [row for t in tables for row in await tx.fetch(f"SELECT t::text FROM {t['tablename']} t")]
    kept = " ".join(row["t"] for row in rows)
    assert hidden["_submission"] in kept
    cipher = gateway.ciphers.of(gateway.workspace_id)
    hashed = cipher.blind_index(f"form:{form['form_id']}", "13912345678").hex()
    assert [one for one in ("13912345678", "Kunshan", "visitor-7", hashed) if one in kept] == []


async def test_a_form_that_is_not_open_takes_nothing(new_workspace: Running) -> None:
    gateway = new_workspace
    form = await made(gateway)
    _, hidden = await opened(gateway, form)
    path = f"/v1/forms/{form['form_id']}"
    await gateway.call("POST", f"{path}:close", None, gateway.bearer)
    fields = {**hidden, "phone": "13912345678"}
    status, text, _ = await page(gateway, form, fields)
    assert (status, "closed" in text) == (409, True)
    later = await made(gateway, opens_at="2999-01-01T00:00:00Z")
    assert "not open yet" in (await page(gateway, later))[1]
    past = await made(gateway, closes_at="2000-01-01T00:00:00Z")
    assert (await page(gateway, past, {**fields, "_version": "1"}))[0] == 409
    body = {"name": "draft", "definition": DEFINITION}
    _, draft, _ = await gateway.call("POST", "/v1/forms", body, gateway.bearer)
    assert (await page(gateway, draft))[0] == 404
    assert (await page(gateway, draft, fields))[0] == 404
    assert await accepted(gateway) == []
    # Closed it can go; what leads to it is then nothing.
    assert (await gateway.call("DELETE", path, None, gateway.bearer))[0] == 200
    assert (await page(gateway, form))[0] == 404


async def test_of_a_hundred_at_once_no_more_are_taken_than_there_are_places(new_workspace: Running) -> None:
    gateway = new_workspace
    form = await made(gateway, max_submissions=3)
    _, hidden = await opened(gateway, form)
    del hidden["_submission"]
    answers = await asyncio.gather(
        *(page(gateway, form, {**hidden, "phone": f"139123456{n:02}"}) for n in range(40))
    )
    assert sorted(status for status, *_ in answers) == [200] * 3 + [409] * 37
    small = await made(gateway, max_submissions=1)
    _, hidden = await opened(gateway, small)
    mine = {**hidden, "phone": "13912345678"}
    assert [(await page(gateway, small, mine))[0] for _ in range(2)] == [200, 200]
    assert (await page(gateway, small, {**mine, "_submission": ""}))[0] == 409
    assert (await numbers(gateway, form))["submissions"] == 3
    assert len(await accepted(gateway)) == 8
    assert "takes no more answers" in (await page(gateway, form))[1]


async def test_who_fills_in_what_nobody_sees_is_thanked_and_not_kept(new_workspace: Running) -> None:
    gateway = new_workspace
    form = await made(gateway)
    _, hidden = await opened(gateway, form)
    status, text, _ = await page(gateway, form, {**hidden, "phone": "13912345678", "_url": "http://x"})
    assert (status, "Thank you" in text) == (200, True)
    assert await accepted(gateway) == []
    found = await numbers(gateway, form)
    assert (found["submissions"], found["dropped"]) == (0, 1)


async def test_who_saw_an_older_version_looks_again_before_it_counts(new_workspace: Running) -> None:
    gateway = new_workspace
    form = await made(gateway)
    _, hidden = await opened(gateway, form)
    path = f"/v1/forms/{form['form_id']}"
    body = {"name": "club", "definition": {**DEFINITION, "title": "New"}}
    stale = {**gateway.bearer, "If-Match": '"1"'}
    assert (await gateway.call("PUT", path, body, stale))[0] == 412
    status, changed, _ = await gateway.call("PUT", path, body, {**gateway.bearer, "If-Match": form["etag"]})
    assert (status, changed["version"]) == (200, 1)
    assert "New" not in (await page(gateway, form))[1]
    _, again, _ = await gateway.call("POST", f"{path}:publish", None, gateway.bearer)
    assert again["version"] == 2
    _, same, _ = await gateway.call("POST", f"{path}:publish", None, gateway.bearer)
    assert (same["version"], same["etag"]) == (2, again["etag"])
    status, text, _ = await page(gateway, form, {**hidden, "phone": "13912345678"})
    assert (status, "has changed" in text, 'value="13912345678"' in text) == (409, True, True)
    assert await accepted(gateway) == []
    fields = {**hidden, "_version": "2", "phone": "13912345678"}
    assert (await page(gateway, form, fields))[0] == 200
    _, versions, _ = await gateway.call("GET", f"{path}/versions", None, gateway.bearer)
    assert [one["version"] for one in versions["items"]] == [2, 1]


async def test_a_redirect_leads_to_a_host_of_the_form_only(new_workspace: Running) -> None:
    gateway = new_workspace
    body = {"name": "x", "definition": {**DEFINITION, "redirect_url": "https://evil.example/"}}
    status, answer, _ = await gateway.call("POST", "/v1/forms", body, gateway.bearer)
    assert (status, answer["errors"][0]["pointer"]) == (422, "/definition"), answer
    form = await made(gateway, redirect_url="https://shop.example.com/thanks", hosts=["shop.example.com"])
    _, hidden = await opened(gateway, form)
    status, _, headers = await page(gateway, form, {**hidden, "phone": "13912345678"})
    assert (status, headers["Location"]) == (303, "https://shop.example.com/thanks")
    policy = (await page(gateway, form))[2]["Content-Security-Policy"]
    assert "form-action 'self' https://shop.example.com" in policy
    assert "frame-ancestors https://shop.example.com" in policy


async def test_a_front_end_of_a_host_posts_json(new_workspace: Running) -> None:
    gateway = new_workspace
    form = await made(gateway, hosts=["shop.example.com"])
    path = f"/f/{form['url'].rpartition('/')[2]}"
    headers = {"Origin": "https://shop.example.com"}
    status, answer, told = await gateway.call(
        "POST", path, {"answers": {"phone": 1, "city": "上海"}}, headers
    )
    assert (status, answer["errors"][0]["pointer"]) == (422, "/answers/phone")
    assert told["Access-Control-Allow-Origin"] == "https://shop.example.com"
    body = {"answers": {"phone": "13912345678"}, "version": 1, "ajs_aid": "site-1"}
    status, answer, _ = await gateway.call("POST", path, body, headers)
    assert (status, answer["thanks"] != "", answer["ignored"]) == (200, True, [])
    assert (await accepted(gateway))[0]["identifiers"] == [
        {"type": "anonymous_id", "scope": "", "value": "site-1", "verified": True}
    ]
    _, _, told = await gateway.call("POST", path, body, {"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in told
    status, answer, _ = await gateway.call("POST", path, {"answers": {}, "version": 9}, headers)
    assert (status, answer["reason"]) == (409, "STATE_CONFLICT")
    status, answer, _ = await gateway.call("POST", path, {"answers": {"phone": {}}}, headers)
    assert (status, answer["reason"]) == (422, "FIELD_INVALID")
    # Otherwise it would count anew each time it is sent.
    status, answer, _ = await gateway.call("POST", path, {**body, "submission_id": "mine-1"}, headers)
    assert (status, answer["errors"][0]["pointer"].startswith("/submission_id")) == (422, True)
    misspelt = {"answers": {"phone": "13912345679", "town": "x"}, "consents": ["gnus"]}
    _, answer, _ = await gateway.call("POST", path, misspelt, headers)
    assert answer["ignored"] == ["/answers/town", "/consents/0"]


async def test_too_much_is_refused(new_workspace: Running) -> None:
    gateway = new_workspace
    form = await made(gateway)
    _, hidden = await opened(gateway, form)
    assert (await page(gateway, form, {**hidden, "city": "x" * 70_000}))[0] == 413
    long = [
        {"name": f"f{n}", "kind": "long_text", "label": "x", "max": 5_000, "property": f"f{n}"}
        for n in range(8)
    ]
    wordy = await made(gateway, fields=long)
    _, hidden = await opened(gateway, wordy)
    status, text, _ = await page(gateway, wordy, {**hidden, **{f"f{n}": "x" * 5_000 for n in range(8)}})
    assert (status, "too long" in text, "x" * 5_000 in text) == (413, True, True)
    assert await accepted(gateway) == []
    assert (await page(gateway, form, {f"n{n}": "" for n in range(400)}))[0] == 400


async def test_an_address_that_sends_too_often_waits_and_keeps_what_it_typed(
    start_gateway: Callable[..., AbstractAsyncContextManager[Running]], nats_url: str
) -> None:
    async with start_gateway(nats_url, submissions_per_s=0.001, submissions_burst=1) as gateway:
        await gateway.wait_for_broker()
        form = await made(gateway)
        _, hidden = await opened(gateway, form)
        assert (await page(gateway, form, {**hidden, "phone": "1"}))[0] == 422
        status, text, headers = await page(gateway, form, {**hidden, "phone": "13912345678"})
        assert (status, 'value="13912345678"' in text) == (429, True)
        assert int(headers["Retry-After"]) > 0


async def test_without_the_broker_what_was_typed_stays_on_the_page(
    start_gateway: Callable[..., AbstractAsyncContextManager[Running]], tmp_path: Path
) -> None:
    broker = Nats(tmp_path / "nats", pick_free(), tmp_path / "nats.log")
    await broker.start()
    async with start_gateway(broker.url) as gateway:
        await gateway.wait_for_broker()
        form = await made(gateway, max_submissions=1)
        leads = {"name": "door", "definition": {"kind": "link", "form_id": form["form_id"]}}
        _, code, _ = await gateway.call("POST", "/v1/qr-codes", leads, gateway.bearer)
        code_path = f"/q/{code['url'].rpartition('/')[2]}"
        _, hidden = await opened(gateway, form)
        fields = {**hidden, "phone": "13912345678", "city": "上海"}
        await broker.stop()
        await gateway.wait_for(lambda: not gateway.gateway.bus.connected)
        status, text, headers = await page(gateway, form, fields)
        assert (status, 'value="13912345678"' in text, 'value="上海"' in text) == (503, True, True)
        assert int(headers["Retry-After"]) > 0
        assert f'name="_submission" value="{hidden["_submission"]}"' in text
        assert (await numbers(gateway, form))["submissions"] == 0
        # Who scans goes on; the code is carried into the form.
        async with gateway.http.get(gateway.url + code_path, allow_redirects=False) as scanned:
            assert scanned.status == 302
        await gateway.gateway.flushes[0]()
        path = f"/v1/qr-codes/{code['qr_code_id']}/statistics"
        _, found, _ = await gateway.call("GET", path, None, gateway.bearer)
        assert (found["scans"], found["dropped"]) == (1, 1)
        await broker.start()
        await gateway.wait_for_broker()
        assert (await page(gateway, form, fields))[0] == 200
        assert (await numbers(gateway, form))["submissions"] == 1
    await broker.stop()
    broker.erase()
