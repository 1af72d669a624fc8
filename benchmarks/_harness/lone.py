"""A lone event's way: HTTP call → profile → journey → dispatch → the provider, with nothing else going on."""

import asyncio
import json
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp

from _harness.running import Platform, say

TRIGGER = "Bench Signal"
PER_SECOND = 20
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Delays:
    answered_ms: list[float]
    """Call → answer of the gateway."""
    message_ms: list[float]
    """Call → the provider has the message."""


async def make_journey(platform: Platform) -> None:
    """An event entry without audience → one SMS."""
    limit = {"channel": "sms", "account": "sandbox", "per_second": 5000, "source": "benchmark"}
    template = {"name": "bench", "channel": "sms", "text": "【Waypost】您好。回复 TD 退订。"}
    async with platform.client() as client:
        await client.put("/v1/limits", limit)
        content = (await client.post("/v1/templates", template))["template_id"]
        definition = {
            "name": "Bench",
            "entries": [{"kind": "event", "event": TRIGGER}],
            "start": "tell",
            "nodes": {
                "tell": {"kind": "send", "channel": "sms", "content": content, "next": {"done": "end"}},
                "end": {"kind": "exit"},
            },
        }
        made = await client.post("/v1/journeys", {"definition": definition})
        await client.post(f"/v1/journeys/{made['journey_id']}:publish")


async def introduce(platform: Platform, count: int) -> None:
    """People with a phone, one for each event to come, so that a message tells which event it answers."""
    calls = [
        {
            "type": "identify",
            "messageId": f"lone-hello-{n}",
            "userId": f"lone-{n}",
            "timestamp": datetime.now(UTC).isoformat(),
            "traits": {"phone": _phone(n), "city": "上海"},
        }
        for n in range(count)
    ]
    async with platform.client() as client:
        for start in range(0, count, 200):
            await client.ingest(calls[start : start + 200])


async def measure(platform: Platform, seconds: float, first: int = 0, rate: float = PER_SECOND) -> Delays:
    """`rate` a second, at moments that keep no step with the services' polling."""
    chance = random.Random(first)
    started: dict[str, float] = {}
    answered: list[float] = []
    count = round(seconds * rate)
    basic = aiohttp.BasicAuth(platform.write_key, "")
    async with aiohttp.ClientSession(platform.stack.url, auth=basic) as session:

        async def call(n: int, due: float) -> None:
            body = {
                "messageId": f"lone-signal-{n}",
                "userId": f"lone-{n}",
                "event": TRIGGER,
                "timestamp": datetime.now(UTC).isoformat(),
                "properties": {"n": n},
            }
            started[_phone(n)] = due
            async with session.post("/v1/track", data=json.dumps(body).encode()) as answer:
                if answer.status != 200:
                    raise RuntimeError(f"/v1/track answered {answer.status}")
            answered.append((time.time() - due) * 1000)

        start = time.time()
        async with asyncio.TaskGroup() as group:
            for n in range(count):
                due = start + (n + chance.random()) / rate
                await asyncio.sleep(max(0.0, due - time.time()))
                group.create_task(call(first + n, due))
    return Delays(sorted(answered), sorted(await _received(platform, started)))


async def _received(platform: Platform, started: dict[str, float]) -> list[float]:
    """Milliseconds from the call to the provider's receipt of each message."""
    address = platform.stack.environment.address("sandbox")
    delays: dict[str, float] = {}
    deadline = time.monotonic() + PATIENCE_S
    after = 0
    async with aiohttp.ClientSession(f"http://{address}") as session:
        while len(delays) < len(started):
            if time.monotonic() > deadline:
                missing = len(started) - len(delays)
                raise RuntimeError(f"{missing} messages of {len(started)} did not reach the provider")
            async with session.get(f"/control/messages?limit=1000&after={after}") as answer:
                page: list[dict[str, Any]] = (await answer.json())["messages"]
            for message in page:
                after = max(after, message["rowid"])
                if message["to"] in started:
                    at = datetime.fromisoformat(message["received_at"]).timestamp()
                    delays[message["to"]] = (at - started[message["to"]]) * 1000
            if not page:
                await asyncio.sleep(0.2)
    return list(delays.values())


def quantile(ordered: list[float], share: float) -> float:
    return round(ordered[int(share * (len(ordered) - 1))], 1)


def tell(delays: Delays) -> None:
    for name, found in (("answer", delays.answered_ms), ("message", delays.message_ms)):
        shown = ", ".join(f"p{share * 100:g} {quantile(found, share)}" for share in (0.5, 0.9, 0.99, 1))
        say(f"  call → {name}, ms: {shown}")


def _phone(n: int) -> str:
    return f"+86138{n:08d}"
