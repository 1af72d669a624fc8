"""Through the gateway and all services: orders and what is left of them, rules said, dead letters mended."""

from datetime import UTC, datetime, timedelta
from typing import Any

from waypost_dev.demo.client import Client
from waypost_dev.stack import Stack

from tests.e2e.conftest import client_of
from tests.scenario import settle
from tests.waiting import until


def told(event: str, message_id: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": event,
        "messageId": f"commerce-{message_id}",
        "userId": "commerce-1",
        "properties": properties,
    }


async def bought(client: Client) -> list[tuple[str, int, int]]:
    orders = await client.pages("/v1/profiles/user_id:commerce-1/orders")
    return [(o["state"], o["total_minor"], o["net_minor"]) for o in orders]


async def test_an_order_is_given_back_in_part(stack: Stack) -> None:
    async with client_of(stack) as client:
        tea = {"product_id": "commerce-tea", "name": "茶", "category": "Drinks", "price": 12.5, "quantity": 2}
        await client.ingest(
            [
                told("Order Refunded", "back", order_id="o1", products=[{**tea, "quantity": 1}]),
                told("Order Completed", "done", order_id="o1", total=30, products=[tea]),
                told("Product Viewed", "seen", product_id="commerce-tea", sku="T-1"),
            ]
        )
        await settle(stack, client, seconds=60)
        assert await bought(client) == [("partly_refunded", 3000, 1750)]
        [order] = await client.pages("/v1/profiles/user_id:commerce-1/orders")
        assert order["lines"] == [
            {"product_id": "commerce-tea", "quantity": 2, "amount_minor": 2500, "refunded_quantity": 1}
        ]
        assert order["other_minor"] == 500
        products = {p["product_id"]: p for p in await client.pages("/v1/products")}
        assert products["commerce-tea"] == {
            "product_id": "commerce-tea",
            "name": "茶",
            "category": "Drinks",
            "sku": "T-1",
            "price_minor": 1250,
            "currency": "CNY",
        }


async def test_an_order_in_another_currency_counts_by_the_rate_of_its_day(stack: Stack) -> None:
    async with client_of(stack) as client:
        paid = told("Order Completed", "far", order_id="far", total=20, currency="USD")
        # Of today: other tests count orders up to yesterday.
        await client.ingest([{**paid, "userId": "commerce-far", "timestamp": None}])
        day = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
        await settle(stack, client, seconds=60)
        [order] = await client.pages("/v1/profiles/user_id:commerce-far/orders")
        assert (order["total_minor"], order["original"]["rate"]) == (0, None)
        issues = await client.pages("/v1/ingestion/issues")
        assert any(one["reason"] == "rate_missing" and "exchange-rates" in one["advice"] for one in issues)
        rate = {"currency": "USD", "day": day, "rate": "7.1055", "source": "bank"}
        assert await client.put("/v1/exchange-rates", {"rates": [rate]}) == {"changed": 1}

        async def worked_out() -> bool:
            [order] = await client.pages("/v1/profiles/user_id:commerce-far/orders")
            return bool(order["total_minor"])

        await until(worked_out, seconds=30)
        [order] = await client.pages("/v1/profiles/user_id:commerce-far/orders")
        assert (order["currency"], order["total_minor"], order["net_minor"]) == ("CNY", 14211, 14211)
        original = {"currency": "USD", "total_minor": 2000, "refunded_minor": 0}
        assert order["original"] == {**original, "rate": "7.1055", "rate_day": day}
        [stated] = await client.pages("/v1/exchange-rates?currency=USD")
        assert (stated["rate"], stated["source"]) == ("7.1055", "bank")


async def test_rules_are_said_and_their_language_is_published(stack: Stack) -> None:
    async with client_of(stack) as client:
        await client.ingest([{"type": "track", "userId": "said-1", "event": "Tea Poured"}])
        await settle(stack, client, seconds=60)
        said = await client.post("/v1/rules:describe", {"rule": {"event": "Tea Pourd", "within": "30d"}})
        assert (said["cost"], said["zh"][-2:]) == ("recent", "人。")
        assert [(w["pointer"], w["reason"]) for w in said["warnings"]] == [
            ("/event", "unknown_name"),
            ("/within", "unsupported_node"),
        ]
        assert "Tea Poured" in said["warnings"][0]["detail"]
        assert said["normalised"] == {"event": "Tea Pourd", "within": "30d"}
        language = await client.get("/v1/rule-language")
        assert language["operators"]["near"]["value"]["required"] == ["lat", "lng", "km"]
        assert language["references"]["ago"]["zh"]
        names = await client.get("/v1/rule-language/names?kind=event&prefix=Tea")
        assert names["items"] == ["Tea Poured"]


async def test_a_blocked_event_waits_until_it_is_as_declared(stack: Stack) -> None:
    async with client_of(stack) as client:
        schema = {"properties": {"cups": {"type": "number"}}, "required": ["cups"]}
        declared = {"event": "Tea Blocked", "schema": schema, "mode": "block"}
        assert (await client.put("/v1/event-schemas", declared))["schema"] == schema
        late = {"type": "track", "event": "Tea Blocked", "messageId": "blocked-1", "userId": "blocked-1"}

        issues: list[str] = []

        async def blocked() -> bool:
            # A replica may go on for seconds without the declaration: then the next one is another.
            late["messageId"] += "x"
            await client.ingest([late])
            await settle(stack, client, seconds=60)
            found = await client.pages("/v1/ingestion/issues")
            issues.extend(
                i["issue_id"]
                for i in found
                if (i["reason"], i["event_name"], i["path"])
                == ("schema_required", "Tea Blocked", "properties")
            )
            return bool(issues)

        await until(blocked, seconds=60)
        answer = await client.post(
            f"/v1/ingestion/issues/{issues[0]}:replay", {"patch": {"properties": {"cups": 2}}}
        )
        assert answer["replayed"] >= 1
        await settle(stack, client, seconds=60)
        assert await client.pages(f"/v1/ingestion/issues/{issues[0]}/samples") == []
        [counted] = (await client.get("/v1/profiles/user_id:blocked-1"))["event_counts"]
        assert counted["event"] == "Tea Blocked"
        assert counted["count"] >= answer["replayed"]


async def test_a_dead_letter_is_mended_and_sent_again(stack: Stack) -> None:
    async with client_of(stack) as client:
        lost = {"type": "track", "event": "Letter Lost", "messageId": "letter-1", "userId": "undefined"}
        await client.ingest([lost])
        await settle(stack, client, seconds=60)
        issues = await client.pages("/v1/ingestion/issues")
        [issue] = [
            i["issue_id"]
            for i in issues
            if i["reason"] == "identifier_missing" and i["kind"] == "dead_letter"
        ]
        samples = await client.pages(f"/v1/ingestion/issues/{issue}/samples")
        assert "letter-1" in {one["event"]["messageId"] for one in samples}

        # Sent as it is, it is lost once more; with a name, it is found.
        answer = await client.post(f"/v1/ingestion/issues/{issue}:replay", {})
        assert answer["replayed"] == len(samples)
        await settle(stack, client, seconds=60)
        answer = await client.post(
            f"/v1/ingestion/issues/{issue}:replay", {"patch": {"userId": "letter-reader"}}
        )
        assert answer["replayed"] == len(samples)
        assert (await client.post(f"/v1/ingestion/issues/{issue}:replay", {}))["replayed"] == 0

        async def found() -> bool:
            await settle(stack, client, seconds=60)
            person = await client.get("/v1/profiles/user_id:letter-reader")
            return bool(person["event_count"] == len(samples))

        await until(found, seconds=30)
