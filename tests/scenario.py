"""A small town whose every outcome is known beforehand: what the platform must say, whatever happens on the way.

Customers come from the real purchase log, some of them in pieces; a few follow the account, a few fill carts. The
expected state is computed here from the input alone, in terms that a rerun shares: identifiers, message ids, texts.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import asyncpg
from waypost_dev.demo.client import Client, batches
from waypost_dev.demo.customers import Customer, read_customers
from waypost_dev.drained import Lag
from waypost_dev.stack import Stack

SEGMENT_CITIES = ("上海", "杭州", "北京", "广州")
SEGMENT = {
    "name": "loyal",
    "rule": {
        "all": [
            {"event": "Order Completed", "count": {"gte": 2}},
            {"trait": "city", "op": "in", "value": list(SEGMENT_CITIES)},
        ]
    },
}
AS_OF = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class Outcome:
    """What the platform ended with, in business terms."""

    people: frozenset[frozenset[str]]
    """Each person as their member, openid and unionid values."""
    events: Counter[str]
    """Stored events by message id."""
    segment: frozenset[str]
    """Member ids of the segment's members."""
    rfm: tuple[int, int, int]
    """Customers, orders and minor units in the year before AS_OF."""
    handsets: Counter[str]
    """Texts that reached a handset."""

    def about(self, town: "Outcome") -> "Outcome":
        """What concerns the town's people, events and messages: those of other tests may be in the workspace too."""
        mine = frozenset().union(*town.people)
        people = frozenset(person for person in self.people if person & mine)
        events = Counter({key: count for key, count in self.events.items() if key in town.events})
        handsets = Counter({text: count for text, count in self.handsets.items() if text.startswith("cart")})
        return replace(self, people=people, events=events, handsets=handsets)


@dataclass
class Town:
    size: int
    carts: int
    patience: str = "30s"
    """Longer than any outage: a cart's time-out must not come before its purchase could be handled."""
    customers: list[Customer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.customers = [c for c in read_customers()[: self.size * 3] if c.number % 3 == 0]

    def history(self) -> list[dict[str, Any]]:
        calls = list(chain.from_iterable(c.calls() for c in self.customers))
        return sorted(calls, key=lambda c: c["timestamp"])

    def live(self) -> list[dict[str, Any]]:
        """Cart calls: all are filled; every second is bought at once."""
        now = datetime.now(UTC).isoformat()
        filled = [self._cart(n, "Product Added", now) for n in range(self.carts)]
        return [*filled, *(self._cart(n, "Order Completed", now) for n in range(0, self.carts, 2))]

    def _cart(self, n: int, event: str, now: str) -> dict[str, Any]:
        properties: dict[str, Any] = {"cart_id": f"cart{n}"}
        if event == "Order Completed":
            properties |= {"order_id": f"cartorder{n}", "total": 10, "currency": "CNY"}
        member = next(i for i in self.customers[n].identifiers if i["type"] == "member_id")
        return {
            "type": "track",
            "messageId": f"{event}-{n}",
            "event": event,
            "timestamp": now,
            "context": {"externalIds": [member]},
            "properties": properties,
        }

    def expected(self) -> Outcome:
        bought = {self.customers[n].number for n in range(0, self.carts, 2)}
        loyal = {
            f"M{c.number:07d}"
            for c in self.customers
            if len(c.orders) + (c.number in bought) >= 2 and c.traits["city"] in SEGMENT_CITIES
        }
        tracked = [c["messageId"] for c in [*self.history(), *self.live()] if c["type"] == "track"]
        return Outcome(
            people=frozenset(
                frozenset(i["id"] for i in c.identifiers if i["type"] != "phone") for c in self.customers
            ),
            events=Counter(tracked),
            segment=frozenset(loyal),
            rfm=self._rfm(),
            handsets=Counter(f"cart{n}" for n in range(1, self.carts, 2)),
        )

    def _rfm(self) -> tuple[int, int, int]:
        """The carts' orders are of today, after AS_OF."""
        since = AS_OF - timedelta(days=365)
        recent = {c.number: [o for o in c.orders if o.at > since] for c in self.customers}
        orders = [order for found in recent.values() for order in found]
        return sum(bool(found) for found in recent.values()), len(orders), sum(o.cents for o in orders)

    async def set_up(self, client: Client) -> None:
        """The segment, the journey and its text."""
        await client.post("/v1/segments", SEGMENT)
        text = {"name": "cart", "channel": "sms", "text": "{{ entry.cart_id }}"}
        content = (await client.post("/v1/templates", text))["template_id"]
        made = await client.post("/v1/journeys", {"definition": self._journey(content)})
        await client.post(f"/v1/journeys/{made['journey_id']}:publish")

    def _journey(self, content: str) -> dict[str, Any]:
        same = [{"event": "cart_id", "context": "entry.cart_id"}]
        waiting = {
            "kind": "wait_for_event",
            "branches": {"bought": {"event": "Order Completed", "match": same}},
            "timeout": self.patience,
            "next": {"bought": "end", "timeout": "remind"},
        }
        remind = {"kind": "send", "channel": "sms", "content": content, "next": {"done": "end"}}
        entry = {"kind": "event", "event": "Product Added", "key": "cart_id"}
        nodes = {"idle": waiting, "remind": remind, "end": {"kind": "exit"}}
        return {"name": "cart", "entries": [entry], "start": "idle", "nodes": nodes}

    async def play(self, client: Client, during: Callable[[], Awaitable[None]]) -> None:
        """History in the bulk lane and carts live; `during` runs beside it."""
        disturbance = asyncio.ensure_future(during())
        history = list(batches(self.history(), 100))
        middle = len(history) // 2
        for n, batch in enumerate(history):
            await client.ingest(batch, lane="bulk")
            if n == middle:
                for calls in batches(self.live(), 10):
                    await client.ingest(calls)
        await disturbance


async def settle(stack: Stack, client: Client, seconds: float) -> None:
    """Until nothing is behind, no run is active and no message is open."""
    deadline = time.monotonic() + seconds
    lag = Lag(stack.env["WAYPOST_NATS_URL"])
    while True:
        await lag.wait(seconds)
        journeys = await client.pages("/v1/journeys")
        metrics = [await client.get(f"/v1/journeys/{j['journey_id']}/metrics") for j in journeys]
        report = await client.get("/v1/reports/messages")
        moving = sum(o["count"] for o in report["outcomes"] if _moves(o))
        active = sum(m["runs_active"] for m in metrics)
        if not active and not moving:
            await lag.wait(seconds)
            return
        assert time.monotonic() < deadline, f"{active} runs and {moving} messages do not settle: {report}"
        await asyncio.sleep(0.5)


def _moves(outcome: dict[str, Any]) -> bool:
    """Of most e-mails nothing is heard once a server has taken them."""
    done = outcome["channel"] == "email" and outcome["state"] == "accepted"
    return outcome["state"] in ("queued", "accepted", "unknown") and not done


async def observe(stack: Stack, client: Client, sandbox_messages: list[dict[str, Any]]) -> Outcome:
    """Reads the databases directly: the proof must not depend on the code under test to look."""
    people: dict[Any, set[str]] = {}
    for row in await _query(stack, "profile", _PEOPLE):
        people.setdefault(row["profile_id"], set()).add(row["value"])
    events = await _query(stack, "profile", "SELECT message_id, count(*) FROM events GROUP BY 1")
    members = await _query(stack, "segment", "SELECT profile_id FROM memberships")
    rfm = await client.post("/v1/rfm/default:compute", {"as_of": AS_OF.isoformat()})
    return Outcome(
        people=frozenset(frozenset(values) for values in people.values()),
        events=Counter({r["message_id"]: r["count"] for r in events}),
        segment=frozenset(v for m in members for v in people.get(m["profile_id"], ()) if v.startswith("M")),
        rfm=(rfm["customer_count"], rfm["order_count"], sum(g["amount_minor"] for g in rfm["groups"])),
        handsets=Counter(m["text"] for m in sandbox_messages),
    )


async def _query(stack: Stack, service: str, sql: str) -> list[Any]:
    connection = await asyncpg.connect(stack.engines.postgres_url, database=f"waypost_{service}")
    try:
        found: list[Any] = await connection.fetch(sql)
        return found
    finally:
        await connection.close()


_PEOPLE = """
SELECT m.profile_id, convert_from(i.value_key, 'UTF8') AS value FROM identifiers i
JOIN memberships m USING (workspace_id, identity_id) WHERE i.type <> 'phone'
"""
