"""The workspace's currency, and what others are worth in it, by day."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from chassis.database import Tx

from profile_service.domain.exchange import MOST_DAYS, Rate, Rates
from profile_service.domain.exchange_form import StatedRate
from profile_service.domain.money import DEFAULT_CURRENCY


async def home(tx: Tx) -> str:
    """The workspace's currency."""
    return await tx.fetchval(_HOME, tx.workspace_id) or DEFAULT_CURRENCY


async def set_home(tx: Tx, currency: str) -> bool:
    """False, and nothing is set, when amounts in another currency are stored."""
    if await tx.fetchval(_HOME_IN_USE, tx.workspace_id):
        return False
    await tx.execute(_SET_HOME, tx.workspace_id, currency)
    return True


async def in_force(tx: Tx, home_currency: str, wanted: Collection[tuple[str, date]]) -> Rates:
    """Of each currency and day the newest rate that is not too old, as far as there is one."""
    if not wanted:
        return Rates(home_currency)
    pairs = sorted(wanted)
    rows = await tx.fetch(_IN_FORCE, tx.workspace_id, [c for c, _ in pairs], [d for _, d in pairs], MOST_DAYS)
    return Rates(home_currency, {(r["currency"], r["asked"]): Rate(r["day"], r["rate"]) for r in rows})


async def put(tx: Tx, rates: Sequence[StatedRate], now: datetime) -> set[tuple[str, date]]:
    """Those that are new or other than before."""
    columns = zip(*sorted(rates), strict=True)
    rows = await tx.fetch(_PUT, tx.workspace_id, *(list(column) for column in columns), now)
    return {(r["currency"], r["day"]) for r in rows}


async def page(tx: Tx, currency: str, after: tuple[str, date] | None, limit: int) -> list[Any]:
    """By currency, the newest day first. `currency`: of it alone, unless it is empty."""
    return await tx.fetch(_PAGE, tx.workspace_id, currency, *(after or (None, None)), limit)


_HOME = "SELECT currency FROM currency_settings WHERE workspace_id = $1"
_HOME_IN_USE = """
SELECT EXISTS (SELECT FROM orders WHERE workspace_id = $1)
    OR EXISTS (SELECT FROM order_statements WHERE workspace_id = $1)
    OR EXISTS (SELECT FROM exchange_rates WHERE workspace_id = $1)
"""
_SET_HOME = """
INSERT INTO currency_settings (workspace_id, currency) VALUES ($1, $2)
ON CONFLICT (workspace_id) DO UPDATE SET currency = excluded.currency
"""
_IN_FORCE = """
SELECT k.currency, k.day AS asked, r.day, r.rate FROM unnest($2::text[], $3::date[]) AS k (currency, day)
CROSS JOIN LATERAL (
  SELECT day, rate FROM exchange_rates
  WHERE workspace_id = $1 AND currency = k.currency AND day <= k.day AND day >= k.day - $4::int
  ORDER BY day DESC LIMIT 1
) r
"""
_PUT = """
INSERT INTO exchange_rates AS e (workspace_id, currency, day, rate, source, set_at)
SELECT $1, k.*, $6 FROM unnest($2::text[], $3::date[], $4::numeric[], $5::text[]) AS k
ON CONFLICT (workspace_id, currency, day) DO UPDATE
SET rate = excluded.rate, source = excluded.source, set_at = excluded.set_at
WHERE (e.rate, e.source) <> (excluded.rate, excluded.source)
RETURNING currency, day
"""
_PAGE = """
SELECT currency, day, rate, source, set_at FROM exchange_rates
WHERE workspace_id = $1 AND ($2 = '' OR currency = $2)
  AND ($3::text IS NULL OR currency > $3 OR (currency = $3 AND day < $4::date))
ORDER BY currency, day DESC LIMIT $5
"""
