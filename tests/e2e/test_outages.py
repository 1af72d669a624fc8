"""What still works while a part is away, and that it catches up."""

import aiohttp
import asyncpg
from waypost_dev.stack import Stack

from tests.e2e.conftest import client_of
from tests.scenario import settle
from tests.waiting import until

CALL = {"type": "track", "userId": "outage", "event": "Outage Noticed"}


async def post(stack: Stack, call: dict[str, str]) -> tuple[int, dict[str, str], dict[str, object]]:
    """Status, headers and body, with no retry."""
    auth = aiohttp.encode_basic_auth(stack.env["WAYPOST_WRITE_KEY"], "")
    async with (
        aiohttp.ClientSession(stack.url, headers={"Authorization": auth}) as session,
        session.post("/v1/batch", json={"batch": [call]}) as answer,
    ):
        return answer.status, dict(answer.headers), await answer.json()


async def test_without_the_broker_ingestion_says_when_to_come_back_and_reads_go_on(stack: Stack) -> None:
    async with client_of(stack) as client:
        stack.kill("nats")
        try:
            status, headers, body = await post(stack, {**CALL, "messageId": "no-broker"})
            assert (status, body["reason"]) == (503, "BROKER_UNAVAILABLE")
            assert int(headers["Retry-After"]) >= 1
            assert (await client.get("/v1/identity/health"))["profile_count"] >= 0
            assert (await client.get("/v1/segments"))["items"] is not None
        finally:
            await stack.start_process("nats")

        async def accepted() -> bool:
            return (await post(stack, {**CALL, "messageId": "broker-back"}))[0] == 200

        await until(accepted, seconds=30)
        await settle(stack, client, seconds=60)
        person = await client.get("/v1/profiles/user_id:outage")
        assert person["identifiers"][0]["value"] == "outage"


async def test_one_service_without_its_database_holds_up_nobody_else(stack: Stack) -> None:
    async with client_of(stack) as client:
        before = (await client.get("/v1/identity/health"))["event_count"]
        admin = await asyncpg.connect(stack.engines.postgres_url)
        try:
            await admin.execute("ALTER DATABASE waypost_segment ALLOW_CONNECTIONS false")
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'waypost_segment'"
            )
            await client.ingest([{**CALL, "messageId": "no-segment-database"}])

            async def stored() -> bool:
                return bool((await client.get("/v1/identity/health"))["event_count"] == before + 1)

            await until(stored, seconds=30)
        finally:
            await admin.execute("ALTER DATABASE waypost_segment ALLOW_CONNECTIONS true")
            await admin.close()
        await settle(stack, client, seconds=60)
