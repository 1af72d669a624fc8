"""Orders out of Segment's e-commerce events: what each event states, and the order as the fold over all of them.

`Order Completed` places an order and `Order Updated` states it anew; the latest of them that names a total or products
holds for these. `Order Refunded` gives money back: its `total` if it has one, else its `products[]` with their
quantities, else everything. `Order Cancelled` undoes the order. Every order of arrival gives the same end, and a
statement counts once however often it comes.

What holds of every order: 0 ≤ refunded ≤ total; net = total − refunded, or 0 when it is cancelled; total = the sum of
the lines + other (postage, tax, discounts).

An order is added up in its own currency, and worth in the workspace's what the rates of the day say on which it was
placed: refunds and corrections of later days take the same rates. What has no rate yet is worth nothing until one comes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple, TypeAlias
from uuid import UUID

from profile_service.domain.exchange import Exchange, Rate, Rates
from profile_service.domain.money import DEFAULT_CURRENCY, MOST, currency_of, minor_units, number_of
from profile_service.domain.products import listed, product_id_of

Kind: TypeAlias = Literal["completed", "updated", "refunded", "cancelled"]
State: TypeAlias = Literal["completed", "partly_refunded", "refunded", "cancelled"]
KINDS: dict[str, Kind] = {
    "Order Completed": "completed",
    "Order Updated": "updated",
    "Order Refunded": "refunded",
    "Order Cancelled": "cancelled",
}
MOST_ID_CHARS = 200
HOME = Rates()


class Statement(NamedTuple):
    """What one event says about an order."""

    order_id: str
    event_id: UUID
    kind: Kind
    at: datetime
    amount_minor: int | None
    currency: str
    """Empty when it is not said."""
    products: list[Mapping[str, Any]]


class Wrong(NamedTuple):
    """A property that keeps an event from saying anything about an order."""

    property: str
    reason: str
    detail: str


@dataclass(slots=True)
class Line:
    product_id: str
    quantity: int
    amount_minor: int
    refunded_quantity: int = 0


@dataclass(frozen=True, slots=True)
class Original:
    """Of an order in another currency than the workspace's: what was said."""

    currency: str
    total_minor: int
    refunded_minor: int
    rate: Rate | None
    """None: it is worth nothing yet."""


@dataclass(frozen=True, slots=True)
class Order:
    """Amounts in the workspace's currency."""

    order_id: str
    event_id: UUID
    """The first event that placed it."""
    ordered_at: datetime
    state: State
    total_minor: int
    refunded_minor: int
    currency: str
    lines: list[Line] = field(default_factory=list)
    original: Original | None = None

    @property
    def net_minor(self) -> int:
        return 0 if self.state == "cancelled" else self.total_minor - self.refunded_minor

    @property
    def counts(self) -> bool:
        """Whether something of it is left, and its worth known."""
        known = self.original is None or self.original.rate is not None
        return known and self.state in ("completed", "partly_refunded")


def read_statement(
    event_name: str,
    properties: Mapping[str, Any],
    event_id: UUID,
    at: datetime,
    home: str = DEFAULT_CURRENCY,
) -> Statement | Wrong:
    """What an event of KINDS says, or what is wrong with it. Where no currency is said it is `home`."""
    kind = KINDS[event_name]
    stated = properties.get("order_id")
    is_id = isinstance(stated, str | int) and not isinstance(stated, bool)
    order_id = str(stated)[:MOST_ID_CHARS] if is_id else ""
    if not order_id and kind != "completed":
        return Wrong("order_id", "order_id_missing", "order_id is missing")
    currency = currency_of(properties)
    amount = _amount(properties, currency or home)
    if amount is None and kind == "completed":
        return Wrong("total", "order_total_invalid", "total is missing, no number, negative or too large")
    return Statement(order_id or str(event_id), event_id, kind, at, amount, currency, listed(properties))


def _amount(properties: Mapping[str, Any], currency: str) -> int | None:
    """`amount_minor`, else `total`, `revenue` or `value`, which are in major units."""
    minor = properties.get("amount_minor")
    if isinstance(minor, int) and not isinstance(minor, bool):
        return minor if 0 <= minor <= MOST else None
    stated = next((properties[key] for key in ("total", "revenue", "value") if key in properties), None)
    return minor_units(stated, currency)


def fold_order(statements: Iterable[Statement], rates: Rates = HOME) -> Order | None:
    """The order that these statements make, all of one id; None while nothing placed it. `rates` has those of
    `rates_wanted`, as far as there are any."""
    said = _in_time(statements)
    placed = _placed(said)
    if not placed:
        return None
    first, total = _first(placed), placed[-1].amount_minor or 0
    currency = next((s.currency for s in reversed(placed) if s.currency), rates.home)
    stating = (s for s in reversed(said) if s.kind in ("completed", "updated") and s.products)
    lines = read_lines(next((s.products for s in stating), []), currency)
    exchange = Exchange(rates, _day(first), currency)
    refunded = min(total, _refunded([s for s in said if s.kind == "refunded"], lines, total, exchange))
    state: State = "completed"
    if any(s.kind == "cancelled" for s in said):
        state = "cancelled"
    elif refunded:
        state = "refunded" if refunded == total else "partly_refunded"
    order = Order(first.order_id, first.event_id, first.at, state, total, refunded, currency, lines)
    return order if currency == rates.home else _at_home(order, exchange)


def rates_wanted(statements: Iterable[Statement], home: str) -> set[tuple[str, date]]:
    """(currency, day) of the rates that the worth of an order hangs on."""
    said = _in_time(statements)
    placed = _placed(said)
    if not placed:
        return set()
    return {(s.currency, _day(_first(placed))) for s in said if s.currency and s.currency != home}


def _at_home(order: Order, exchange: Exchange) -> Order:
    """The same in the workspace's currency. What would be more than MOST there has no rate."""
    total = exchange.worth(order.total_minor)
    rate = exchange.rates.of(order.currency, exchange.day) if total is not None and total <= MOST else None
    worth: Callable[[int], int] = (
        (lambda minor: min(MOST, exchange.worth(minor) or 0)) if rate else lambda _: 0
    )
    return replace(
        order,
        total_minor=worth(order.total_minor),
        refunded_minor=worth(order.refunded_minor),
        currency=exchange.rates.home,
        lines=[replace(line, amount_minor=worth(line.amount_minor)) for line in order.lines],
        original=Original(order.currency, order.total_minor, order.refunded_minor, rate),
    )


def _in_time(statements: Iterable[Statement]) -> list[Statement]:
    return sorted({s.event_id: s for s in statements}.values(), key=_time_of)


def _placed(said: Iterable[Statement]) -> list[Statement]:
    return [s for s in said if s.kind in ("completed", "updated") and s.amount_minor is not None]


def _first(placed: Sequence[Statement]) -> Statement:
    return next((s for s in placed if s.kind == "completed"), placed[0])


def _day(statement: Statement) -> date:
    return statement.at.astimezone(UTC).date()


def read_lines(products: Iterable[Mapping[str, Any]], currency: str) -> list[Line]:
    """A line a product, in the order in which they are named first."""
    lines: dict[str, Line] = {}
    for item in products:
        quantity = _quantity(item)
        line = lines.setdefault(product_id_of(item), Line(product_id_of(item), 0, 0))
        line.quantity += quantity
        line.amount_minor += minor_units(item.get("price"), currency, Decimal(quantity)) or 0
    return list(lines.values())


def _refunded(refunds: Sequence[Statement], lines: Sequence[Line], total: int, exchange: Exchange) -> int:
    """Minor units given back; marks the quantities on the lines."""
    by_product = {line.product_id: line for line in lines}
    back = 0
    for refund in refunds:
        if refund.amount_minor is None and not refund.products:
            for line in lines:
                line.refunded_quantity = line.quantity
            return total
        worth = 0
        for item in refund.products:
            ordered, quantity = by_product.get(product_id_of(item)), _quantity(item)
            worth += _worth(item, quantity, ordered, refund.currency, exchange)
            if ordered is not None:
                ordered.refunded_quantity = min(ordered.quantity, ordered.refunded_quantity + quantity)
        back += worth if refund.amount_minor is None else exchange.taken(refund.amount_minor, refund.currency)
    return back


def _worth(
    item: Mapping[str, Any], quantity: int, line: Line | None, currency: str, exchange: Exchange
) -> int:
    """What so many of a product cost: by the price that is stated with them, else by the order's line."""
    stated = minor_units(item.get("price"), currency or exchange.currency, Decimal(quantity))
    if stated is not None or line is None:
        return exchange.taken(stated or 0, currency)
    # By what is left, so that parts given back one by one add up to the whole line.
    left = max(0, line.quantity - line.refunded_quantity)
    before = line.amount_minor * (line.quantity - left) // line.quantity
    return line.amount_minor * (line.quantity - left + min(left, quantity)) // line.quantity - before


def _quantity(item: Mapping[str, Any]) -> int:
    """A whole number from 1 on; 1 where none is said."""
    number = number_of(item.get("quantity"))
    return int(number) if number is not None and 1 <= number <= 10**6 else 1


def _time_of(statement: Statement) -> tuple[datetime, UUID]:
    return statement.at, statement.event_id
