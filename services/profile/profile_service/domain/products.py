"""Products as Segment's e-commerce events name them: the catalogue is what was said last about each."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from profile_service.domain.money import DEFAULT_CURRENCY, currency_of, minor_units

SINGLE = frozenset({"Product Viewed", "Product Clicked", "Product Added", "Product Removed"})
"""Their properties are a product's."""
LISTED = frozenset(
    {
        "Product List Viewed", "Cart Viewed", "Checkout Started",
        "Order Completed", "Order Updated", "Order Refunded", "Order Cancelled",
    }
)  # fmt: skip
"""Their property `products` is a list of products."""
NAMES = SINGLE | LISTED
MOST_ID_CHARS = 200
_MOST_CHARS = 500


class Product(NamedTuple):
    """What was said last about a product, each part with the id of the event that said so, which begins with the
    event's time; None: never said."""

    product_id: str
    name: str | None = None
    name_by: UUID | None = None
    category: str | None = None
    category_by: UUID | None = None
    sku: str | None = None
    sku_by: UUID | None = None
    price_minor: int | None = None
    currency: str | None = None
    price_by: UUID | None = None


def read_products(
    event_name: str, properties: Mapping[str, Any], event_id: UUID, home: str = DEFAULT_CURRENCY
) -> list[Product]:
    """The products of an event, one entry an id. Where no currency is said it is `home`."""
    items = [properties] if event_name in SINGLE else listed(properties)
    currency = currency_of(properties) or home
    found = {p.product_id: p for item in items if (p := _read(item, currency, event_id))}
    return list(found.values())


def listed(properties: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    products = properties.get("products")
    return [p for p in products if isinstance(p, dict)] if isinstance(products, list) else []


def product_id_of(item: Mapping[str, Any]) -> str:
    """Its id, else its SKU; empty when it has neither."""
    return _text(item.get("product_id"), MOST_ID_CHARS) or _text(item.get("sku"), MOST_ID_CHARS) or ""


def newest(products: Iterable[Product]) -> list[Product]:
    """Each product once, sorted by id, every part as it was said last."""
    folded: dict[str, Product] = {}
    for product in products:
        known = folded.get(product.product_id)
        folded[product.product_id] = product if known is None else _later(known, product)
    return [folded[product_id] for product_id in sorted(folded)]


def _later(one: tuple[Any, ...], other: tuple[Any, ...]) -> Product:
    """Of each part the later: (value, event), and (price, currency, event)."""
    parts: list[Any] = [one[0]]
    for first, by in ((1, 2), (3, 4), (5, 6), (7, 9)):
        later = other[by] is not None and (one[by] is None or other[by] > one[by])
        parts += (other if later else one)[first : by + 1]
    return Product(*parts)


def _read(item: Mapping[str, Any], currency: str, event_id: UUID) -> Product | None:
    product_id = product_id_of(item)
    if not product_id:
        return None
    own = currency_of(item) or currency
    name, category, sku = (_text(item.get(key)) for key in ("name", "category", "sku"))
    price = minor_units(item.get("price"), own)
    return Product(
        product_id,
        name,
        event_id if name else None,
        category,
        event_id if category else None,
        sku,
        event_id if sku else None,
        price,
        None if price is None else own,
        None if price is None else event_id,
    )


def _text(value: object, most: int = _MOST_CHARS) -> str | None:
    """Ids are often numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value[:most] or None if isinstance(value, str) else None
