"""E-mail through the gateway, as a person would use it: template, journey, mail, what comes back, and the way out."""

from typing import Any

import aiohttp
from chassis.ids import new_id
from waypost_dev.demo.client import Client
from waypost_dev.stack import Stack

from tests.e2e.conftest import client_of
from tests.waiting import until

ANN = "ann@例子.中国"
TEMPLATE = {
    "name": "mail",
    "channel": "email",
    "subject": "您好 {{ entry.who }}",
    "html": "<style>b { color: red }</style><p>Hello <b>{{ entry.who }}</b></p>",
    "from": "途点 <care@shop.example>",
}


async def test_a_journey_writes_an_email_and_hears_what_becomes_of_it(stack: Stack) -> None:
    sandbox = f"http://{stack.environment.address('sandbox')}"
    async with client_of(stack) as client, aiohttp.ClientSession() as http:
        assert {c["channel"] for c in (await client.get("/v1/channels"))["items"]} == {"sms", "email"}
        journey_id = await _journey(client)
        await client.ingest([{"type": "identify", "userId": "mail-1", "traits": {"email": ANN}}])

        await _said(client, 1)
        await until(lambda: _outcomes_are(client, journey_id, {("email", "accepted", ""): 1}), seconds=30)
        (mail,) = await _mails(http, sandbox)
        (message,) = await client.pages(f"/v1/messages?journey_id={journey_id}")
        assert mail["message_id"] == f"<{message['message_id']}@shop.example>"
        assert (mail["to"], mail["subject"]) == (["ann@xn--fsqu00a.xn--fiqs8s"], "您好 <Ann>")
        assert '<b style="color: red;">&lt;Ann&gt;</b>' in mail["html"]
        assert "ann@" not in str(message)

        async with http.put(f"{sandbox}/control", json={"complaint_rate": 1}) as answer:
            assert answer.status == 200
        try:
            await client.ingest(
                [{"type": "identify", "userId": "mail-2", "traits": {"email": "bob@shop.example"}}]
            )
            await _said(client, 2)
            wanted = {("email", "accepted", ""): 1, ("email", "complained", "abuse"): 1}
            await until(lambda: _outcomes_are(client, journey_id, wanted), seconds=30)
        finally:
            async with http.delete(f"{sandbox}/control"):
                pass

        link = dict(mail["headers"])["List-Unsubscribe"].strip("<>")
        assert link.startswith(f"{stack.url}/u/")
        async with http.get(link, headers={"Accept-Language": "zh"}) as page:
            assert "退订" in await page.text()
        async with http.post(f"{link}x") as refused:
            assert refused.status == 404
        async with http.post(link, data={"List-Unsubscribe": "One-Click"}) as page:
            assert (page.status, page.content_type) == (200, "text/html")
        await _said(client, 1)
        wanted[("email", "refused", "unsubscribed")] = 1
        await until(lambda: _outcomes_are(client, journey_id, wanted), seconds=30)
        assert len(await _mails(http, sandbox)) == 2


async def test_a_template_without_a_part_is_refused_with_its_pointer(stack: Stack) -> None:
    headers = {"Authorization": f"Bearer {stack.env['WAYPOST_SECRET_KEY']}"}
    async with aiohttp.ClientSession(stack.url, headers=headers) as http:
        for change, pointer in (
            ({"subject": ""}, "/subject"),
            ({"html": ""}, "/html"),
            ({"from": "x"}, "/from"),
        ):
            async with http.post("/v1/templates", json=TEMPLATE | change) as answer:
                body = await answer.json()
            assert (answer.status, [e["pointer"] for e in body["errors"]]) == (400, [pointer]), body
        async with http.post("/v1/templates", json=TEMPLATE) as answer:
            made = await answer.json()
        assert {key: made[key] for key in TEMPLATE} == TEMPLATE


async def _journey(client: Client) -> str:
    content = (await client.post("/v1/templates", TEMPLATE))["template_id"]
    write = {"kind": "send", "channel": "email", "content": content, "next": {"done": "end"}}
    definition = {
        "name": "mail",
        "entries": [{"kind": "event", "event": "Mail Wanted"}],
        "start": "write",
        "nodes": {"write": write, "end": {"kind": "exit"}},
    }
    made = await client.post("/v1/journeys", {"definition": definition})
    await client.post(f"/v1/journeys/{made['journey_id']}:publish")
    return str(made["journey_id"])


async def _said(client: Client, person: int) -> None:
    event = {
        "type": "track",
        # The same body without an id would be the same event.
        "messageId": f"mail-{new_id()}",
        "userId": f"mail-{person}",
        "event": "Mail Wanted",
        "properties": {"who": "<Ann>"},
    }
    await client.ingest([event])


async def _outcomes_are(client: Client, journey_id: str, wanted: dict[tuple[str, str, str], int]) -> bool:
    report = await client.get(f"/v1/reports/messages?journey_id={journey_id}")
    found = {(o["channel"], o["state"], o["reason"]): o["count"] for o in report["outcomes"]}
    return found == wanted


async def _mails(http: aiohttp.ClientSession, sandbox: str) -> list[dict[str, Any]]:
    async with http.get(f"{sandbox}/control/mails") as answer:
        return [mail for mail in (await answer.json())["mails"] if "途点" in mail["from"]]
