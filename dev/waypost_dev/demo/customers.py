"""The CDNOW purchase log (23,570 customers, 1997-01 to 1998-06) as the customers of a Chinese retailer.

Dates are shifted so that the log ends yesterday. Customer numbers decide everything else, so that each run plays the
same people: 60 % arrive whole, 30 % as two identities and 10 % as three that later turn out to be one person.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from waypost_dev.errors import DevError

APP_ID = "wx1f00d5a1e0demo"
CITIES = ("上海", "杭州", "北京", "广州", "深圳", "成都", "南京", "武汉", "苏州", "西安")
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = "伟芳娜敏静丽强磊军洋艳勇杰娟涛明超霞平刚桂"
TIERS = ("普通", "银卡", "金卡")


@dataclass(frozen=True, slots=True)
class Order:
    at: datetime
    cents: int
    items: int


@dataclass(frozen=True, slots=True)
class Customer:
    number: int
    orders: tuple[Order, ...]

    @property
    def parts(self) -> int:
        """As how many identities they first arrive."""
        share = self.number % 10
        return 1 if share < 6 else 2 if share < 9 else 3

    @property
    def identifiers(self) -> list[dict[str, str]]:
        """openid and unionid, phone, member id: what one, two or three identities divide among them."""
        n = self.number
        return [
            {"type": "wechat_openid", "scope": APP_ID, "id": f"oDemo{n:08d}"},
            {"type": "wechat_unionid", "id": f"uDemo{n:08d}"},
            {"type": "phone", "id": f"+86{139_0000_0000 + n}"},
            {"type": "member_id", "id": f"M{n:07d}"},
        ]

    def identity(self, part: int) -> list[dict[str, str]]:
        """The identifiers known of one part."""
        whole = self.identifiers
        return {1: [whole], 2: [whole[:2], whole[2:]], 3: [whole[:2], whole[2:3], whole[3:]]}[self.parts][
            part
        ]

    @property
    def traits(self) -> dict[str, Any]:
        n = self.number
        return {
            "name": SURNAMES[n % len(SURNAMES)] + GIVEN[n // 7 % len(GIVEN)],
            "city": CITIES[n * 7 % len(CITIES)],
            "tier": TIERS[(len(self.orders) > 2) + (len(self.orders) > 6)],
            "phone": f"+86{139_0000_0000 + n}",
        }

    def calls(self) -> Iterator[dict[str, Any]]:
        """Their history as calls of the Segment spec, in the order in which it happened."""
        first = self.orders[0].at - timedelta(minutes=5)
        for part in range(self.parts):
            traits = self.traits if part == self.parts - 1 else {"city": self.traits["city"]}
            yield self._call("identify", f"id{part}", first, self.identity(part), traits=traits)
        for n, order in enumerate(self.orders):
            properties = {
                "order_id": f"cd{self.number}-{n}",
                "total": order.cents / 100,
                "currency": "CNY",
                "products": [{"product_id": "cd", "quantity": order.items}],
            }
            identity = self.identity(n % self.parts)
            yield self._call(
                "track", f"o{n}", order.at, identity, event="Order Completed", properties=properties
            )
        if self.parts > 1:
            last = self.orders[-1].at + timedelta(minutes=5)
            yield self._call("identify", "link", last, self.identifiers, traits={"linked": True})

    def _call(
        self, kind: str, name: str, at: datetime, identifiers: list[dict[str, str]], **body: Any
    ) -> dict[str, Any]:
        return {
            "type": kind,
            "messageId": f"cdnow-{self.number}-{name}",
            "timestamp": at.isoformat(),
            "context": {"externalIds": identifiers},
            **body,
        }


def read_customers() -> list[Customer]:
    """All customers of the log, by number."""
    orders: dict[int, list[tuple[datetime, int, int]]] = {}
    for line in _log().read_text().splitlines()[1:]:
        number, day, items, dollars = line.split()
        at = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
        orders.setdefault(int(number), []).append((at, round(float(dollars) * 100), int(items)))
    newest = max(at for found in orders.values() for at, _, _ in found)
    yesterday = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    shift = yesterday - newest
    return [
        Customer(
            number,
            tuple(Order(_noon(at + shift, n), cents, items) for n, (at, cents, items) in enumerate(found)),
        )
        for number, found in sorted(orders.items())
    ]


def _noon(day: datetime, n: int) -> datetime:
    # The log has days only: several orders of a day follow one another by a minute.
    return day + timedelta(hours=12, minutes=n % 60)


def _log() -> Path:
    found = importlib.util.find_spec("lifetimes")
    if found is None or not found.submodule_search_locations:
        raise DevError(
            "the CDNOW purchase log is not installed", "run `make env` to install the demo's data (lifetimes)"
        )
    return Path(found.submodule_search_locations[0]) / "datasets" / "CDNOW_master.txt"
