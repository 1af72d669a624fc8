"""Request bodies made beforehand: sending one costs a replace of two placeholders, not a JSON encoder.

Half of the events are a website's (user_id and anonymous_id, as browser SDKs send after log-in), half a server's
(user_id alone). An event has about 300 bytes of JSON.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

SERIAL = "@SERIAL@"
"""Becomes eight hex digits, another for each body: message ids and newcomers' ids hold it."""
MOMENT = "2020-02-02T02:02:02.002Z"
"""Becomes the time at which the body is sent."""

_PAGES = ("/p/", "/category/", "/search/", "/brand/")
_NAMES = ("Product Viewed",) * 12 + ("Product Added",) * 4 + ("Cart Viewed",) * 3 + ("Order Completed",)


@dataclass(frozen=True, slots=True)
class People:
    """`known` people, numbered; `newcomers` of a batch's events are of people never seen before."""

    run: str
    known: int
    newcomers: float


def batch(people: People, size: int, chance: random.Random, lane: str = "live") -> bytes:
    """A /v1/batch body with placeholders."""
    new = round(size * people.newcomers)
    events = []
    for n in range(size):
        who = f"n{SERIAL}{n}" if n < new else str(chance.randrange(people.known))
        events.append(_event(f"{people.run}-{SERIAL}-{n}", people.run, who, n, chance))
    chance.shuffle(events)
    return _encode({"lane": lane, "batch": [{"type": "track", **event} for event in events]})


def single(people: People, chance: random.Random) -> bytes:
    """A /v1/track body with placeholders."""
    who = str(chance.randrange(people.known))
    return _encode(_event(f"{people.run}-{SERIAL}-s", people.run, who, chance.randrange(1000), chance))


def fill(body: bytes, serial: int) -> bytes:
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:23] + "Z"
    return body.replace(SERIAL.encode(), b"%08x" % serial).replace(MOMENT.encode(), now.encode())


def introductions(people: People, size: int) -> Sequence[bytes]:
    """Batches that make everybody known: one event of both identifiers each."""
    found = []
    for start in range(0, people.known, size):
        numbers = range(start, min(start + size, people.known))
        events = [
            {**_event(f"{people.run}-hello-{n}", people.run, str(n), 0, random.Random(n)), "type": "track"}
            for n in numbers
        ]
        found.append(_encode({"batch": events}))
    return found


def _event(message_id: str, run: str, who: str, n: int, chance: random.Random) -> dict[str, Any]:
    name = chance.choice(_NAMES)
    ids = {"userId": f"{run}-u{who}"} | ({"anonymousId": f"{run}-a{who}"} if n % 2 == 0 else {})
    properties: dict[str, Any] = {
        "product_id": f"sku-{chance.randrange(5000)}",
        "category": chance.choice(("books", "music", "kitchen", "garden")),
        "price": chance.randrange(100, 90_000) / 100,
        "url": f"https://shop.example{chance.choice(_PAGES)}{chance.randrange(100_000)}",
    }
    if name == "Order Completed":
        properties |= {
            "order_id": message_id,
            "total": properties["price"],
            "currency": "CNY",
            "products": [{"product_id": properties["product_id"], "quantity": 1}],
        }
    return {"messageId": message_id, "event": name, "timestamp": MOMENT, **ids, "properties": properties}


def _encode(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
