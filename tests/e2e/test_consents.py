"""Consent as a company would use it: given, sent on, withdrawn, and from then on nothing goes out."""

from typing import Any

import aiohttp
from chassis.ids import new_id
from waypost_dev.demo.client import Client
from waypost_dev.stack import Stack

from tests.e2e.tenants import Answer, Tenant, tenants
from tests.waiting import until

FAMILY = "+8613700001111"
GRANT = {"state": "granted", "purpose": "marketing", "legal_basis": "consent"}
WITHDRAWAL = {"state": "withdrawn", "purpose": "marketing", "source": "hotline"}
TEMPLATES = {
    "sms": {"name": "t", "channel": "sms", "text": "Hello"},
    "email": {
        "name": "t",
        "channel": "email",
        "subject": "Hello",
        "html": "<p>Hello</p>",
        "from": "a@shop.example",
    },
}


async def test_from_the_answer_to_a_withdrawal_on_nothing_is_sent(stack: Stack) -> None:
    async with tenants(stack, 1) as [tenant], tenant.client() as client:
        by_sms, by_email = await _journey(client, "sms"), await _journey(client, "email")
        news = await _journey(client, "sms", topic="news")
        ann, ben = {"phone": FAMILY, "email": "ann@shop.example"}, {"phone": FAMILY}
        for user, traits in (("ann", ann), ("ben", ben)):
            await client.ingest([{"type": "identify", "userId": user, "traits": traits}])
            await until(lambda user=user: _known(tenant, user), seconds=30)
        granted = await _say(tenant, "ann", GRANT, "sms")
        assert (granted.status, granted.body["in_force"]) == (201, "granted"), granted.text
        await _wanted(client, by_sms, {("delivered", ""): 1})

        # One topic only, and no other message.
        assert (await _say(tenant, "ann", {**WITHDRAWAL, "topic": "news"}, "sms")).status == 201
        await _wanted(client, news, {("refused", "no_consent"): 1})
        assert (await _say(tenant, "ann", {**GRANT, "topic": "news"}, "sms")).status == 201
        await _wanted(client, news, {("refused", "no_consent"): 1, ("delivered", ""): 1})

        # Somebody with that number writes back: it is taken to be who gave it last, and so Ben opens it again.
        await _reply(stack, "ＴＤ")
        await until(lambda: _source_is(tenant, "ben", "unsubscribed"), seconds=30)
        await _wanted(client, by_sms, {("delivered", ""): 1, ("refused", "unsubscribed"): 1})
        assert (await _say(tenant, "ben", GRANT, "sms")).status == 201

        # Ben says it, and Ann has the same number.
        bens = str(new_id())
        said = [await _say(tenant, "ben", WITHDRAWAL, "sms", bens) for _ in range(2)]
        assert said[0].status == 201
        assert said[0].body == said[1].body
        refused = {("refused", "unsubscribed"): 1, ("refused", "no_consent"): 1}
        await _wanted(client, by_sms, {("delivered", ""): 1, **refused})
        shown = (await tenant.call("GET", "/v1/profiles/user_id:ann")).body
        person, number = (one for one in shown["consents"] if not one["topic"])
        assert (person["state"], number["state"], number["refusal"]) == ("granted", "withdrawn", "no_consent")
        assert number["contact_key"] in {point["contact_key"] for point in shown["contact_points"]}

        # A link in a mail comes into the ledger by itself, and a new grant outlives it.
        await _wanted(client, by_email, {("accepted", ""): 1})
        await _follow_link(stack, client, by_email)
        await until(lambda: _source_is(tenant, "ann", "unsubscribed"), seconds=30)
        await _wanted(client, by_email, {("accepted", ""): 1, ("refused", "unsubscribed"): 1})
        assert (await _say(tenant, "ann", GRANT, "email")).status == 201
        await _wanted(client, by_email, {("accepted", ""): 2, ("refused", "unsubscribed"): 1})

        # What dispatch cannot hear is recorded, and not acknowledged.
        key = str(new_id())
        stack.pause("dispatch")
        try:
            refused = await _say(tenant, "ann", WITHDRAWAL, "email", key)
        finally:
            stack.resume("dispatch")
        assert (refused.status, refused.body["reason"]) == (503, "CONSENT_UNCONFIRMED"), refused.text
        assert int(refused.headers["Retry-After"]) > 0
        assert await _source_is(tenant, "ann", "hotline")
        done = await _say(tenant, "ann", WITHDRAWAL, "email", key)
        assert (done.status, done.body["in_force"]) == (201, "withdrawn")
        items = (await tenant.call("GET", "/v1/profiles/user_id:ann/consents")).body["items"]
        assert [one["source"] for one in items] == ["hotline", "", "unsubscribed", "", "hotline", ""]
        await _wanted(
            client,
            by_email,
            {("accepted", ""): 2, ("refused", "unsubscribed"): 1, ("refused", "no_consent"): 1},
        )

        # Ben turns out to be Ann. What was said under his name is the same call, if it is repeated.
        merge = {"with": "user_id:ann", "reason": "the same"}
        merged = (await tenant.call("POST", "/v1/profiles/user_id:ben:merge", merge)).body
        assert merged["profile_id"] != said[0].body["profile_id"]
        again = await _say(tenant, "ben", WITHDRAWAL, "sms", bens)
        assert (again.status, again.body) == (201, said[0].body), again.text


async def _journey(client: Client, channel: str, **about: str) -> str:
    """Of whoever wants something by this channel."""
    content = (await client.post("/v1/templates", TEMPLATES[channel]))["template_id"]
    write = {"kind": "send", "channel": channel, "content": content, "next": {"done": "end"}, **about}
    name = " ".join([channel, *about.values()])
    definition = {
        "name": name,
        "entries": [{"kind": "event", "event": f"{name} wanted"}],
        "start": "write",
        "nodes": {"write": write, "end": {"kind": "exit"}},
    }
    made = await client.post("/v1/journeys", {"definition": definition})
    await client.post(f"/v1/journeys/{made['journey_id']}:publish")
    return str(made["journey_id"])


async def _known(tenant: Tenant, user: str) -> bool:
    return (await tenant.call("GET", f"/v1/profiles/user_id:{user}")).status == 200


async def _say(tenant: Tenant, user: str, said: dict[str, str], channel: str, key: str = "") -> Answer:
    headers = {"Idempotency-Key": key or str(new_id())}
    body = {**said, "channel": channel}
    return await tenant.call("POST", f"/v1/profiles/user_id:{user}/consents", body, **headers)


async def _wanted(client: Client, journey_id: str, outcomes: dict[tuple[str, str], int]) -> None:
    """Ann wants one message more; the journey's outcomes are then these."""
    report = f"/v1/reports/messages?journey_id={journey_id}"
    definition = (await client.get(f"/v1/journeys/{journey_id}"))["definition"]
    event = {
        "type": "track",
        "messageId": str(new_id()),
        "userId": "ann",
        "event": definition["entries"][0]["event"],
    }
    await client.ingest([event])

    async def there() -> bool:
        found = (await client.get(report))["outcomes"]
        return {(one["state"], one["reason"]): one["count"] for one in found} == outcomes

    await until(there, seconds=30)


async def _reply(stack: Stack, text: str) -> None:
    async with aiohttp.ClientSession() as http:
        url = f"http://{stack.environment.address('sandbox')}/control/reply"
        async with http.post(url, json={"from": FAMILY, "text": text}) as answer:
            assert answer.status == 202


async def _follow_link(stack: Stack, client: Client, journey_id: str) -> None:
    (message,) = await client.pages(f"/v1/messages?journey_id={journey_id}")
    async with aiohttp.ClientSession() as http:
        async with http.get(f"http://{stack.environment.address('sandbox')}/control/mails") as answer:
            mails: list[Any] = (await answer.json())["mails"]
        (mail,) = [one for one in mails if message["message_id"] in one["message_id"]]
        link = dict(mail["headers"])["List-Unsubscribe"].strip("<>")
        async with http.post(link, data={"List-Unsubscribe": "One-Click"}) as page:
            assert page.status == 200


async def _source_is(tenant: Tenant, user: str, source: str) -> bool:
    """Of the newest entry."""
    items = (await tenant.call("GET", f"/v1/profiles/user_id:{user}/consents")).body["items"]
    return bool(items) and items[0]["source"] == source
