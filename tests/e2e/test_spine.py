"""The way of an event through all services to a handset and back, used through the gateway as a person would."""

from typing import Any

import aiohttp
from waypost_dev.demo.client import Client
from waypost_dev.stack import Stack

from tests.e2e.conftest import client_of, handset_messages
from tests.scenario import settle
from tests.waiting import until

WELCOME = {
    "name": "hello",
    "entries": [{"kind": "event", "event": "Hello Said"}],
    "start": "greet",
    "nodes": {"greet": {"kind": "send", "channel": "sms", "next": {"done": "end"}}, "end": {"kind": "exit"}},
}


async def publish(client: Client, definition: dict[str, Any], text: str) -> str:
    """Publishes the definition with `text` as what its node `greet` says; the journey's id."""
    template = await client.post("/v1/templates", {"name": text, "channel": "sms", "text": text})
    nodes = {
        **definition["nodes"],
        "greet": {**definition["nodes"]["greet"], "content": template["template_id"]},
    }
    made = await client.post("/v1/journeys", {"definition": {**definition, "nodes": nodes}})
    await client.post(f"/v1/journeys/{made['journey_id']}:publish")
    return str(made["journey_id"])


async def test_an_event_becomes_a_delivered_message_and_every_ledger_closes(stack: Stack) -> None:
    async with client_of(stack) as client:
        journey_id = await publish(client, WELCOME, "你好 {{ entry.who }}")
        who = {"userId": "spine-1", "traits": {"phone": "13700001111", "name": "𠮷田"}}
        answer = await client.ingest(
            [
                {"type": "identify", "messageId": "spine-i", **who},
                {
                    "type": "track",
                    "messageId": "spine-t",
                    "userId": "spine-1",
                    "event": "Hello Said",
                    "properties": {"who": "世界"},
                },
                {"type": "dance", "userId": "spine-1"},
            ]
        )
        assert (answer["accepted"], [r["index"] for r in answer["rejected"]]) == (2, [2])

        async def delivered() -> bool:
            report = await client.get("/v1/reports/messages")
            mine = [o for o in report["outcomes"] if o["journey_id"] == journey_id]
            return [(o["state"], o["count"]) for o in mine] == [("delivered", 1)]

        await until(delivered, seconds=30)
        assert [m["to"] for m in await handset_messages(stack) if m["text"] == "你好 世界"] == [
            "+8613700001111"
        ]
        ledgers = {one["journey_id"]: one for one in await client.pages("/v1/reports/ledgers")}
        assert ledgers[journey_id]["ok"]
        profile = await client.get("/v1/profiles/user_id:spine-1")
        assert profile["traits"]["name"] == "𠮷田"
        assert "13700001111" not in str(profile["contact_points"])

        async def listed() -> bool:
            return "event_type_unknown" in {i["reason"] for i in await client.pages("/v1/ingestion/issues")}

        await until(listed, seconds=10)


async def test_the_same_message_id_is_stored_once(stack: Stack) -> None:
    async with client_of(stack) as client:
        call = {"type": "track", "messageId": "spine-repeat", "userId": "spine-2", "event": "Repeated"}
        for _ in range(3):
            await client.ingest([call, call])
        await settle(stack, client, seconds=60)
        assert (await client.get("/v1/profiles/user_id:spine-2"))["event_count"] == 1


async def test_someone_without_a_number_is_refused_with_the_reason(stack: Stack) -> None:
    async with client_of(stack) as client:
        journey_id = await publish(
            client, {**WELCOME, "entries": [{"kind": "event", "event": "Mute"}]}, "mute"
        )
        await client.ingest([{"type": "track", "userId": "spine-3", "event": "Mute"}])

        async def refused() -> bool:
            metrics = await client.get(f"/v1/journeys/{journey_id}/metrics")
            return bool(metrics["runs_exited"] == {"refused": 1})

        await until(refused, seconds=30)
        report = await client.get("/v1/reports/messages")
        mine = [(o["state"], o["reason"]) for o in report["outcomes"] if o["journey_id"] == journey_id]
        assert mine == [("refused", "no_address")]


async def test_a_misspelt_definition_is_refused_with_pointers(stack: Stack) -> None:
    broken = {**WELCOME, "start": "nowhere", "extra": 1}
    headers = {"Authorization": f"Bearer {stack.env['WAYPOST_SECRET_KEY']}"}
    async with (
        aiohttp.ClientSession(stack.url, headers=headers) as session,
        session.post("/v1/journeys:validate", json={"definition": broken}) as answer,
    ):
        problems = {(p["pointer"], p["reason"]) for p in (await answer.json())["problems"]}
    assert {
        ("/start", "unknown_node"),
        ("/extra", "unknown_key"),
        ("/nodes/greet/content", "missing"),
    } <= problems
