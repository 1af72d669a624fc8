"""The same facts twice: in one workspace two people are taken for one in the middle of it, in the other never. In the
end every service says the same of them. A derived thing that comes is a line of DERIVED."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from waypost_dev.demo.client import Client
from waypost_dev.drained import Lag
from waypost_dev.stack import Stack

from tests.e2e.tenants import Tenant, tenants
from tests.scenario import settle

Derived = Callable[[Client, str], Awaitable[Any]]
ANNA, BEN = "user_id:anna", "user_id:ben"
SEGMENTS: dict[str, Any] = {
    "three teas": {"event": "Tea", "count": {"gte": 3}},
    "two teas": {"event": "Tea", "count": {"eq": 2}},
    "agreed": {"consent": {"channel": "sms", "purpose": "marketing"}},
    "上海": {"trait": "city", "op": "eq", "value": "上海"},
}
EXIT = {"kind": "exit"}


def profile(*fields: str) -> Derived:
    async def read(client: Client, person: str) -> Any:
        found = await client.get(f"/v1/profiles/{person}")
        return [found[field] for field in fields]

    return read


def listed(path: str, *fields: str) -> Derived:
    """These fields of every item of a list, in no order."""

    async def read(client: Client, person: str) -> Any:
        items = await client.pages(path.format(person=person))
        return sorted([str(item[field]) for field in fields] for item in items)

    return read


async def identifiers(client: Client, person: str) -> Any:
    found = await client.get(f"/v1/profiles/{person}")
    points = [f"{p['type']}:{p['address']}" for p in found["contact_points"]]
    return sorted(f"{i['type']}:{i['value']}" for i in found["identifiers"]), points


async def segments(client: Client, person: str) -> Any:
    profile_id = (await client.get(f"/v1/profiles/{person}"))["profile_id"]
    found = []
    for segment in await client.pages("/v1/segments"):
        path = f"/v1/segments/{segment['segment_id']}"
        explained = await client.post(f"{path}:explain", {"profile": profile_id})
        members = {m["profile_id"] for m in await client.pages(f"{path}/members")}
        found.append((segment["name"], explained["member"], profile_id in members))
    return sorted(found)


async def consents(client: Client, person: str) -> Any:
    found = await client.get(f"/v1/profiles/{person}")
    return sorted((c["channel"], c["purpose"], c["state"]) for c in found["consents"])


async def timeline(client: Client, person: str) -> Any:
    items = (await client.get(f"/v1/profiles/{person}/timeline", page_size="200"))["items"]
    return sorted((item["kind"], item["title"]["en"]) for item in items)


async def rfm(client: Client, _person: str) -> Any:
    found = await client.post("/v1/rfm/default:compute", {})
    return {name: found[name] for name in ("customer_count", "order_count", "amount_minor", "groups")}


DERIVED: dict[str, Derived] = {
    "what they are": profile("event_count", "traits", "no_profiling"),
    "how they are known": identifiers,
    "segments": segments,
    "consents": consents,
    "credits": listed("/v1/profiles/{person}/credits", "template_id", "count"),
    "orders": listed("/v1/profiles/{person}/orders", "order_id", "state", "net_minor"),
    "runs": listed("/v1/runs?profile={person}", "state", "node_id", "exit_reason"),
    "messages": listed("/v1/messages?profile={person}", "node_id", "state", "reason", "address_masked"),
    "timeline": timeline,
    "recency, frequency, money of all": rfm,
}


def track(event: str, number: int, **who: Any) -> dict[str, Any]:
    order = {"order_id": f"o{number}", "total": number, "currency": "CNY"}
    return {"type": "track", "event": event, "messageId": f"t{number}", "properties": order, **who}


BEFORE = [
    {
        "type": "identify",
        "messageId": "i1",
        "userId": "anna",
        "anonymousId": "tablet",
        "traits": {"city": "上海"},
    },
    {"type": "identify", "messageId": "i2", "userId": "anna", "traits": {"phone": "+8613700002222"}},
    {
        "type": "identify",
        "messageId": "i3",
        "userId": "ben",
        "context": {"externalIds": [{"type": "wechat_openid", "scope": "wx1", "id": "o-ben"}]},
    },
    track("Tea", 1, userId="anna"),
    track("Tea", 2, userId="ben"),
    track("Order Completed", 3, userId="anna"),
]
CARTS = [track("Product Added", 10, userId="anna"), track("Product Added", 11, userId="ben")]
WHILE_ONE = [
    {
        "type": "identify",
        "messageId": "i4",
        "userId": "ben",
        "traits": {"phone": "+8613700003333", "city": "杭州"},
    },
    track("Tea", 20, userId="ben"),
    track("Tea", 21, anonymousId="tablet"),
    track("Order Completed", 22, userId="ben"),
    track("Order Refunded", 3, userId="anna") | {"messageId": "t23"},
    track("Greeted", 24, userId="ben"),
]
AFTER = [
    track("Tea", 30, userId="ben"),
    track("Bought", 31, userId="ben"),
    track("Bought", 32, userId="anna"),
]


async def test_a_merge_that_was_split_leaves_nothing_behind(stack: Stack) -> None:
    async with tenants(stack, 2) as pair:
        joined, plain = await asyncio.gather(*(_lived(stack, tenant, tenant is pair[0]) for tenant in pair))
    assert {name: joined[name] for name in DERIVED if joined[name] != plain[name]} == {
        name: plain[name] for name in DERIVED if joined[name] != plain[name]
    }
    # What they went through is not nothing.
    assert [run[0] for run in plain["runs"][ANNA]] == ["exited"]
    assert [run[0] for run in plain["runs"][BEN]] == ["exited", "exited"]
    assert [message[1] for message in plain["messages"][BEN]] == ["delivered", "delivered"]
    assert plain["credits"][BEN]
    assert plain["segments"][ANNA] != plain["segments"][BEN]


async def _lived(stack: Stack, tenant: Tenant, joins: bool) -> dict[str, dict[str, Any]]:
    """Derived thing → person → what is said of it."""
    lag = Lag(stack.env["WAYPOST_NATS_URL"])
    async with tenant.client() as client:
        for name, rule in SEGMENTS.items():
            await client.post("/v1/segments", {"name": name, "rule": rule})
        await _journeys(client)
        await client.ingest(BEFORE)
        await lag.wait(60)
        consent = {"state": "granted", "channel": "sms", "purpose": "marketing", "legal_basis": "consent"}
        await client.post(f"/v1/profiles/{ANNA}/consents", consent)
        await client.post(f"/v1/profiles/{BEN}/credits", {"app_id": "wx1", "template_id": "tpl", "count": 2})
        for cart in CARTS:
            await client.ingest([cart])
            await lag.wait(60)
        if joins:
            await client.post(f"/v1/profiles/{ANNA}:merge", {"with": BEN, "reason": "taken for one"})
            await lag.wait(60)
            assert {run["state"] for run in await client.pages(f"/v1/runs?profile={BEN}")} == {
                "active",
                "frozen",
            }
        await client.ingest(WHILE_ONE)
        await lag.wait(60)
        if joins:
            [merge] = [m for m in await client.pages(f"/v1/profiles/{ANNA}/merges") if m["rule"] == "by_hand"]
            await client.post(f"/v1/profiles/{ANNA}:split", {"merge_id": merge["merge_id"]})
            await lag.wait(60)
        await client.ingest(AFTER)
        await settle(stack, client, seconds=60)
        return {name: {who: await read(client, who) for who in (ANNA, BEN)} for name, read in DERIVED.items()}


async def _journeys(client: Client) -> None:
    template = {"name": "t", "channel": "sms", "text": "Hello"}
    content = (await client.post("/v1/templates", template))["template_id"]
    say = {"kind": "send", "channel": "sms", "content": content, "next": {"done": "end"}}
    idle = {
        "kind": "wait_for_event",
        "branches": {"bought": {"event": "Bought"}},
        "timeout": "1h",
        "next": {"bought": "say", "timeout": "end"},
    }
    for event, start, nodes in (
        ("Product Added", "idle", {"idle": idle, "say": say, "end": EXIT}),
        ("Greeted", "say", {"say": say, "end": EXIT}),
    ):
        entries = [{"kind": "event", "event": event}]
        definition = {"name": event, "entries": entries, "start": start, "nodes": nodes}
        made = await client.post("/v1/journeys", {"definition": definition})
        await client.post(f"/v1/journeys/{made['journey_id']}:publish")
