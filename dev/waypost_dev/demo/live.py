"""A live afternoon in a minute: new followers, carts, some of them bought; two journeys answer by SMS."""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from waypost_dev.demo.client import Client
from waypost_dev.demo.customers import APP_ID, CITIES
from waypost_dev.drained import Lag
from waypost_dev.errors import DevError

FOLLOWERS = 150
CARTS = 100
BUYERS = 40
"""Of the carts; they buy before the reminder is due."""
NUMBERLESS = 10
"""Of the followers; nobody knows their phone number."""
PER_SECOND = 50
CART_PATIENCE = "6s"
SETTLE_SECONDS = 60.0
TEMPLATES = {
    "demo welcome": "【Waypost】欢迎关注!回复 TD 退订。",
    "demo cart": "【Waypost】您购物车里的 {{ entry.product }} 还在等您。回复 TD 退订。",
}


@dataclass(frozen=True, slots=True)
class Played:
    followers: int
    carts: int
    seconds: float


async def ensure_journeys(client: Client) -> dict[str, str]:
    """Name → id of the two journeys; made, with their texts and the rate limit, when they are not there."""
    limit = {"channel": "sms", "account": "sandbox", "per_second": PER_SECOND, "source": "demo"}
    await client.put("/v1/limits", limit)
    texts = {t["name"]: t["template_id"] for t in await client.pages("/v1/templates")}
    for name, text in TEMPLATES.items():
        if name not in texts:
            made = await client.post("/v1/templates", {"name": name, "channel": "sms", "text": text})
            texts[name] = made["template_id"]
    found = {j["name"]: j["journey_id"] for j in await client.pages("/v1/journeys")}
    for definition in (_welcome(texts["demo welcome"]), _cart(texts["demo cart"])):
        if definition["name"] not in found:
            made = await client.post("/v1/journeys", {"definition": definition})
            await client.post(f"/v1/journeys/{made['journey_id']}:publish")
            found[definition["name"]] = made["journey_id"]
    return {d["name"]: found[d["name"]] for d in (_welcome(""), _cart(""))}


def _welcome(content: str) -> dict[str, Any]:
    return {
        "name": "Welcome",
        "entries": [{"kind": "event", "event": "Account Followed"}],
        "start": "greet",
        "nodes": {
            "greet": {"kind": "send", "channel": "sms", "content": content, "next": {"done": "end"}},
            "end": {"kind": "exit"},
        },
    }


def _cart(content: str) -> dict[str, Any]:
    same_cart = [{"event": "cart_id", "context": "entry.cart_id"}]
    return {
        "name": "Abandoned cart",
        "entries": [{"kind": "event", "event": "Product Added", "key": "cart_id"}],
        "start": "idle",
        "nodes": {
            "idle": {
                "kind": "wait_for_event",
                "branches": {"bought": {"event": "Order Completed", "match": same_cart}},
                "restart_on": {"event": "Product Added", "match": same_cart},
                "timeout": CART_PATIENCE,
                "next": {"bought": "end", "timeout": "remind"},
            },
            "remind": {
                "kind": "send",
                "channel": "sms",
                "content": content,
                "not_after": "24h",
                "next": {"done": "end"},
            },
            "end": {"kind": "exit"},
        },
    }


async def play(client: Client, lag: Lag, journeys: dict[str, str], console: Console) -> Played:
    afternoon = secrets.token_hex(4)
    started = time.monotonic()
    columns = (TextColumn("{task.description:<34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        events = progress.add_task("live events", total=FOLLOWERS + CARTS + BUYERS)
        for start in range(0, FOLLOWERS, 10):
            calls = [_follow(afternoon, n) for n in range(start, start + 10)]
            await client.ingest([call for pair in calls for call in pair])
            progress.advance(events, 10)
        for start in range(0, CARTS, 10):
            await client.ingest([_shop(afternoon, n, "Product Added") for n in range(start, start + 10)])
            progress.advance(events, 10)
        for n in range(BUYERS):
            await client.ingest([_shop(afternoon, n, "Order Completed")])
            progress.advance(events, 1)
        messages = progress.add_task("messages settled", total=FOLLOWERS + CARTS - BUYERS)
        await _settle(client, lag, journeys, lambda left: progress.update(messages, completed=left))
    return Played(FOLLOWERS, CARTS, time.monotonic() - started)


async def _settle(client: Client, lag: Lag, journeys: dict[str, str], tell: Any) -> None:
    """Waits until no run is active and every message has its last word."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        metrics = [await client.get(f"/v1/journeys/{journey_id}/metrics") for journey_id in journeys.values()]
        report = await client.get("/v1/reports/messages")
        open_states = ("queued", "accepted", "unknown")
        ours = [o for o in report["outcomes"] if o["journey_id"] in journeys.values()]
        moving = sum(o["count"] for o in ours if o["state"] in open_states)
        tell(max(0, FOLLOWERS + CARTS - BUYERS - moving - sum(m["runs_active"] for m in metrics)))
        if not moving and not any(m["runs_active"] for m in metrics):
            break
        if time.monotonic() > deadline:
            raise DevError("messages are still on their way after a minute", "look at `make logs S=dispatch`")
        await asyncio.sleep(0.5)
    await lag.wait(SETTLE_SECONDS)


def _follow(afternoon: str, n: int) -> list[dict[str, Any]]:
    """A new follower: who they are, then that they followed."""
    ids = [{"type": "wechat_openid", "scope": APP_ID, "id": f"oLive{afternoon}{n}"}]
    traits: dict[str, Any] = {"city": CITIES[n % len(CITIES)]}
    if n >= NUMBERLESS:
        traits["phone"] = f"+86137{int(afternoon, 16) % 10_000:04d}{n:04d}"
    identify = {"type": "identify", "messageId": f"live-{afternoon}-i{n}", "traits": traits}
    follow = {"type": "track", "messageId": f"live-{afternoon}-f{n}", "event": "Account Followed"}
    now = datetime.now(UTC).isoformat()
    return [{**call, "timestamp": now, "context": {"externalIds": ids}} for call in (identify, follow)]


def _shop(afternoon: str, n: int, event: str) -> dict[str, Any]:
    """A customer of the history fills a cart, or buys it."""
    properties: dict[str, Any] = {"cart_id": f"{afternoon}-{n}", "product": "《范特西》CD"}
    if event == "Order Completed":
        properties |= {"order_id": f"live-{afternoon}-{n}", "total": 68.0, "currency": "CNY"}
    return {
        "type": "track",
        "messageId": f"live-{afternoon}-{event}-{n}",
        "event": event,
        "timestamp": datetime.now(UTC).isoformat(),
        "context": {"externalIds": [{"type": "member_id", "id": f"M{n * 17 + 1:07d}"}]},
        "properties": properties,
    }
