"""Orders of a person, and the catalogue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx

from profile_service.domain.money import DEFAULT_CURRENCY

Place = tuple[datetime, UUID, str]
"""(ordered at, identity, order id) of the last order of a page."""

CURRENCY = f"coalesce(nullif(currency, ''), '{DEFAULT_CURRENCY}')"
"""Of a row of `orders`: a completion that says none is kept as it came, where the default holds."""


async def orders(tx: Tx, profile_id: UUID, before: Place | None, limit: int) -> Sequence[Any]:
    """Newest first, under all identities of the person."""
    return await tx.fetch(_ORDERS, tx.workspace_id, profile_id, *(before or (None, None, None)), limit)


async def products(tx: Tx, after: str, limit: int) -> Sequence[Any]:
    """By id, in code point order."""
    return await tx.fetch(_PRODUCTS, tx.workspace_id, after, limit)


_ORDERS = f"""
SELECT o.* FROM memberships m CROSS JOIN LATERAL (
  SELECT identity_id, order_id, ordered_at, amount_minor, {CURRENCY} AS currency, products, coalesce(state, 'completed') AS state,
         coalesce(refunded_minor, 0) AS refunded_minor, lines, original
  FROM orders WHERE workspace_id = $1 AND bucket = m.bucket AND identity_id = m.identity_id
    AND ($3::timestamptz IS NULL OR (ordered_at, identity_id, order_id) < ($3, $4::uuid, $5::text))
  ORDER BY ordered_at DESC, order_id DESC LIMIT $6
) o
WHERE m.workspace_id = $1 AND m.profile_id = $2 AND m.valid_to = 'infinity'
ORDER BY o.ordered_at DESC, o.identity_id DESC, o.order_id DESC LIMIT $6
"""
_PRODUCTS = """
SELECT product_id, name, category, sku, price_minor, currency FROM products
WHERE workspace_id = $1 AND product_id > $2 ORDER BY product_id LIMIT $3
"""
