"""Orders, and everything that was said about each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from chassis.database import Tx
from chassis.ids import bucket_of

from profile_service.domain.orders import Order, Statement


class Key(NamedTuple):
    bucket: int
    identity_id: UUID
    order_id: str

    @classmethod
    def of(cls, identity_id: UUID, order_id: str) -> "Key":
        return cls(bucket_of(identity_id), identity_id, order_id)


Said = tuple[Key, Statement]


async def begin(tx: Tx, keys: Iterable[Key]) -> set[Key]:
    """Holds each order until the transaction ends; those that nothing was said about before."""
    ordered = sorted(set(keys))
    columns = _columns(ordered)
    rows = await tx.fetch(_BEGIN, tx.workspace_id, *columns)
    fresh = {Key(*row) for row in rows}
    if len(fresh) < len(ordered):
        await tx.fetch(_LOCK, tx.workspace_id, *columns)
    return fresh


async def insert_first(tx: Tx, said: Sequence[Said]) -> set[Key]:
    """Stores completions of orders that are new; the keys that are. (An order may be older than its version.)"""
    rows = await tx.fetch(_INSERT_FIRST, tx.workspace_id, [_row(*one) for one in said])
    return {Key(*row) for row in rows}


async def state(tx: Tx, said: Sequence[Said]) -> dict[Key, list[Statement]]:
    """Stores the statements; all that is known about their orders then."""
    await tx.execute(_STATE, tx.workspace_id, [_row(*one) for one in said])
    return await known(tx, {key for key, _ in said})


async def known(tx: Tx, keys: Iterable[Key]) -> dict[Key, list[Statement]]:
    """All that was said about the orders."""
    columns = _columns(sorted(keys))
    await tx.execute(_KEEP_FIRST, tx.workspace_id, *columns)
    found: dict[Key, list[Statement]] = {}
    for row in await tx.fetch(_SAID, tx.workspace_id, *columns):
        found.setdefault(Key(*row[:3]), []).append(Statement(row["order_id"], *row[3:]))
    return found


async def save(tx: Tx, orders: Mapping[Key, Order]) -> dict[Key, int]:
    """Writes the orders as they are now; their new versions."""
    rows = [
        {
            "bucket": key.bucket,
            "identity_id": str(key.identity_id),
            "order_id": key.order_id,
            "event_id": str(order.event_id),
            "at": order.ordered_at.isoformat(),
            "amount_minor": order.total_minor,
            "currency": order.currency,
            "state": order.state,
            "refunded_minor": order.refunded_minor,
            "lines": msgspec.to_builtins(order.lines),
            "original": msgspec.to_builtins(order.original),
        }
        for key, order in sorted(orders.items())
    ]
    await tx.execute(_SAVE, tx.workspace_id, rows)
    found = await tx.fetch(_VERSIONS, tx.workspace_id, *_columns(sorted(orders)))
    return {Key(*row[:3]): row["version"] for row in found}


def _columns(keys: Collection[Key]) -> tuple[list[int], list[UUID], list[str]]:
    return [k.bucket for k in keys], [k.identity_id for k in keys], [k.order_id for k in keys]


def _row(key: Key, said: Statement) -> dict[str, Any]:
    return {
        "bucket": key.bucket,
        "identity_id": str(key.identity_id),
        "order_id": key.order_id,
        "event_id": str(said.event_id),
        "kind": said.kind,
        "at": said.at.isoformat(),
        "amount_minor": said.amount_minor,
        "currency": said.currency,
        "products": said.products,
    }


_KEYS = "unnest($2::smallint[], $3::uuid[], $4::text[]) AS k (bucket, identity_id, order_id)"
_ROW = """jsonb_to_recordset($2::jsonb) AS r (bucket smallint, identity_id uuid, order_id text, event_id uuid, kind text,
     at timestamptz, amount_minor bigint, currency text, products jsonb)"""
_BEGIN = f"""
INSERT INTO order_versions (workspace_id, bucket, identity_id, order_id)
SELECT $1, k.bucket, k.identity_id, k.order_id FROM {_KEYS}
ON CONFLICT DO NOTHING RETURNING bucket, identity_id, order_id
"""
_LOCK = f"""
SELECT v.order_id FROM {_KEYS} CROSS JOIN LATERAL (
  SELECT order_id FROM order_versions WHERE workspace_id = $1 AND bucket = k.bucket
    AND identity_id = k.identity_id AND order_id = k.order_id FOR UPDATE
) v
"""
_INSERT_FIRST = f"""
INSERT INTO orders (workspace_id, bucket, identity_id, order_id, event_id, ordered_at, amount_minor, currency, products)
SELECT $1, r.bucket, r.identity_id, r.order_id, r.event_id, r.at, r.amount_minor, r.currency, r.products FROM {_ROW}
ORDER BY r.bucket, r.identity_id, r.order_id
ON CONFLICT DO NOTHING RETURNING bucket, identity_id, order_id
"""
_KEEP_FIRST = f"""
INSERT INTO order_statements (workspace_id, bucket, identity_id, order_id, event_id, kind, at, amount_minor, currency,
                              products)
SELECT $1, o.bucket, o.identity_id, o.order_id, o.event_id, 'completed', o.ordered_at, o.amount_minor, o.currency,
       o.products
FROM {_KEYS} CROSS JOIN LATERAL (
  SELECT * FROM orders WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id
    AND order_id = k.order_id AND state IS NULL OFFSET 0
) o
ON CONFLICT DO NOTHING
"""
_STATE = f"""
INSERT INTO order_statements (workspace_id, bucket, identity_id, order_id, event_id, kind, at, amount_minor, currency,
                              products)
SELECT $1, r.bucket, r.identity_id, r.order_id, r.event_id, r.kind, r.at, r.amount_minor, r.currency, r.products
FROM {_ROW}
ON CONFLICT DO NOTHING
"""
_SAID = f"""
SELECT s.* FROM {_KEYS} CROSS JOIN LATERAL (
  SELECT bucket, identity_id, order_id, event_id, kind, at, amount_minor, currency, products FROM order_statements
  WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id AND order_id = k.order_id OFFSET 0
) s
"""
_SAVE = """
INSERT INTO orders (workspace_id, bucket, identity_id, order_id, event_id, ordered_at, amount_minor, currency, products,
                    state, refunded_minor, lines, original)
SELECT $1, r.bucket, r.identity_id, r.order_id, r.event_id, r.at, r.amount_minor, r.currency, '[]', r.state,
       r.refunded_minor, r.lines, nullif(r.original, 'null')
FROM jsonb_to_recordset($2::jsonb) AS r (bucket smallint, identity_id uuid, order_id text, event_id uuid,
     at timestamptz, amount_minor bigint, currency text, state text, refunded_minor bigint, lines jsonb,
     original jsonb)
ON CONFLICT (workspace_id, bucket, identity_id, order_id) DO UPDATE SET
  event_id = excluded.event_id, ordered_at = excluded.ordered_at, amount_minor = excluded.amount_minor,
  currency = excluded.currency, state = excluded.state, refunded_minor = excluded.refunded_minor,
  lines = excluded.lines, original = excluded.original
"""
# The rows are there, and held. An UPDATE joined by key would leave it to statistics how they are found.
_VERSIONS = f"""
INSERT INTO order_versions AS v (workspace_id, bucket, identity_id, order_id, version)
SELECT $1, k.bucket, k.identity_id, k.order_id, nextval('order_version') FROM {_KEYS}
ON CONFLICT (workspace_id, bucket, identity_id, order_id) DO UPDATE SET version = excluded.version
RETURNING v.bucket, v.identity_id, v.order_id, v.version
"""
