"""Orders out of Segment's e-commerce events, money as integer minor units."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

ORDER_COMPLETED = "Order Completed"
EXPONENT = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "BHD": 3, "KWD": 3, "OMR": 3, "TND": 3}
"""ISO 4217 minor units where they are not two digits."""
_MOST = 10**15


@dataclass(frozen=True, slots=True)
class Order:
    order_id: str
    amount_minor: int
    currency: str
    products: list[Any]


def read_order(properties: dict[str, Any], fallback_id: str) -> Order | str:
    """The order that an `Order Completed` tells of, or what is wrong with its `total`."""
    currency = str(properties.get("currency") or "CNY").upper()[:3]
    total = properties.get("total", properties.get("revenue", properties.get("value")))
    if total is None or isinstance(total, bool) or not isinstance(total, int | float | str):
        return "total is missing or not a number"
    try:
        amount = Decimal(str(total)).scaleb(EXPONENT.get(currency, 2))
        minor = int(amount.to_integral_value())
    except (InvalidOperation, ValueError, OverflowError):
        return "total is not a number"
    if not 0 <= minor <= _MOST:
        return "total is negative or too large"
    products = properties.get("products")
    order_id = str(properties.get("order_id") or fallback_id)[:200]
    return Order(order_id, minor, currency, products if isinstance(products, list) else [])
