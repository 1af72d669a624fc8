"""Orders whose worth hangs on rates of exchange: looked at again when a rate is stated."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from chassis.database import Tx

from profile_service.domain.exchange import MOST_DAYS
from profile_service.store.orders import Key


class Due(NamedTuple):
    currency: str
    orders: Sequence[Key]
    """The next page of those that hang on the currency."""
    place: tuple[date, int, UUID, str] | None
    """Of the last of them; None: there are none left."""


async def hang_on(tx: Tx, wanted: Mapping[Key, Iterable[tuple[str, date]]]) -> None:
    """Notes the rates that the worth of orders hangs on."""
    rows = sorted((*key, currency, day) for key, rates in wanted.items() for currency, day in rates)
    if rows:
        await tx.execute(_HANG_ON, tx.workspace_id, *(list(column) for column in zip(*rows, strict=True)))


async def ask(tx: Tx, stated: Iterable[tuple[str, date]], now: datetime) -> None:
    """Has the orders looked at that these (currency, day) may be in force for."""
    days: dict[str, list[date]] = {}
    for currency, day in stated:
        days.setdefault(currency, []).append(day)
    currencies = sorted(days)
    first = [min(days[c]) for c in currencies]
    last = [max(days[c]) + timedelta(days=MOST_DAYS) for c in currencies]
    await tx.execute(_ASK, tx.workspace_id, currencies, first, last, now)


async def claim(tx: Tx, now: datetime, limit: int) -> Due | None:
    """A page of what is due and not in other hands; it is held until the transaction ends."""
    row = await tx.fetchrow(_CLAIM, tx.workspace_id, now)
    if row is None:
        return None
    found = await tx.fetch(_NEXT, tx.workspace_id, *row, limit)
    last: Any = found[-1] if found else None
    keys = [Key(r["bucket"], r["identity_id"], r["order_id"]) for r in found]
    return Due(row["currency"], keys, None if last is None else tuple(last))


async def advance(tx: Tx, due: Due) -> None:
    if due.place is None:
        await tx.execute(_END, tx.workspace_id, due.currency)
    else:
        await tx.execute(_ADVANCE, tx.workspace_id, due.currency, *due.place)


_HANG_ON = """
INSERT INTO order_currencies (workspace_id, bucket, identity_id, order_id, currency, day)
SELECT $1, * FROM unnest($2::smallint[], $3::uuid[], $4::text[], $5::text[], $6::date[])
ON CONFLICT (workspace_id, bucket, identity_id, order_id, currency) DO UPDATE SET day = excluded.day
"""
_ASK = """
INSERT INTO order_revaluations AS r (workspace_id, currency, from_day, to_day, next_at)
SELECT $1, k.*, $5 FROM unnest($2::text[], $3::date[], $4::date[]) AS k
ON CONFLICT (workspace_id, currency) DO UPDATE SET
  from_day = least(r.from_day, excluded.from_day), to_day = greatest(r.to_day, excluded.to_day),
  next_at = excluded.next_at, after_day = NULL, after_bucket = NULL, after_identity = NULL, after_order = NULL
"""
_CLAIM = """
SELECT currency, from_day, to_day, after_day, after_bucket, after_identity, after_order FROM order_revaluations
WHERE workspace_id = $1 AND next_at <= $2 ORDER BY currency LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_NEXT = """
SELECT day, bucket, identity_id, order_id FROM order_currencies
WHERE workspace_id = $1 AND currency = $2 AND day BETWEEN $3 AND $4
  AND ($5::date IS NULL OR (day, bucket, identity_id, order_id) > ($5, $6::smallint, $7::uuid, $8::text COLLATE "C"))
ORDER BY day, bucket, identity_id, order_id LIMIT $9
"""
_ADVANCE = """
UPDATE order_revaluations SET after_day = $3, after_bucket = $4, after_identity = $5, after_order = $6
WHERE workspace_id = $1 AND currency = $2
"""
_END = "DELETE FROM order_revaluations WHERE workspace_id = $1 AND currency = $2"
