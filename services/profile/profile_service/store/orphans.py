"""What is said of orders under an identity that never placed them: looked for, now and then, under the others of the
person."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from chassis.database import Tx

from profile_service.store.orders import Key


class Orphan(NamedTuple):
    key: Key
    since: datetime
    home: Key | None
    """The order of that id that another identity of the person, or meanwhile this one, placed first."""


async def add(tx: Tx, keys: Collection[Key], now: datetime) -> None:
    await tx.execute(_ADD, tx.workspace_id, *_columns(sorted(keys)), now)
    await tx.execute(_SEARCH_SOON, tx.workspace_id, now)


async def claim_search(tx: Tx, now: datetime) -> bool:
    """Whether the workspace's search is due and not in other hands; it is held until the transaction ends."""
    return bool(await tx.fetchval(_CLAIM, tx.workspace_id, now))


async def search_later(tx: Tx) -> None:
    """When the next orphan is due; never, if there is none."""
    await tx.execute(_SEARCH_LATER, tx.workspace_id)
    await tx.execute(_SEARCH_NO_MORE, tx.workspace_id)


async def due(tx: Tx, now: datetime, limit: int) -> list[Orphan]:
    rows = await tx.fetch(_DUE, tx.workspace_id, now, limit)
    return [Orphan(Key(*row[:3]), row[3], Key(*row[4:]) if row[4] is not None else None) for row in rows]


async def wait(tx: Tx, keys: Collection[Key], next_at: Collection[datetime]) -> None:
    await tx.execute(_WAIT, tx.workspace_id, *_columns(keys), list(next_at))


async def forget(tx: Tx, keys: Collection[Key]) -> None:
    await tx.execute(_FORGET, tx.workspace_id, *_columns(keys))


async def move(tx: Tx, moves: Iterable[tuple[Key, Key]]) -> None:
    """Everything said under the first of each pair is said under the second from now on."""
    pairs = list(moves)
    away = _columns([away for away, _ in pairs])
    home = _columns([home for _, home in pairs])
    await tx.execute(_COPY, tx.workspace_id, *away, home[0], home[1])
    await tx.execute(_REMOVE, tx.workspace_id, *away)


def _columns(keys: Collection[Key]) -> tuple[list[int], list[object], list[str]]:
    return [k.bucket for k in keys], [k.identity_id for k in keys], [k.order_id for k in keys]


_KEYS = "unnest($2::smallint[], $3::uuid[], $4::text[]) AS k (bucket, identity_id, order_id)"
_MINE = "o.workspace_id = $1 AND o.bucket = k.bucket AND o.identity_id = k.identity_id AND o.order_id = k.order_id"
_ADD = f"""
INSERT INTO order_orphans (workspace_id, bucket, identity_id, order_id, since, next_at)
SELECT $1, k.bucket, k.identity_id, k.order_id, $5, $5 FROM {_KEYS}
ON CONFLICT (workspace_id, bucket, identity_id, order_id) DO UPDATE SET next_at = excluded.next_at
"""
# Batches share the row, so that none waits for another; the loop, which has it alone, sees what they added.
_SEARCH_SOON = """
WITH known AS (SELECT FROM order_searches WHERE workspace_id = $1 AND next_at <= $2 FOR SHARE)
INSERT INTO order_searches AS s (workspace_id, next_at) SELECT $1, $2 WHERE NOT EXISTS (SELECT FROM known)
ON CONFLICT (workspace_id) DO UPDATE SET next_at = least(s.next_at, excluded.next_at)
"""
_CLAIM = "SELECT true FROM order_searches WHERE workspace_id = $1 AND next_at <= $2 FOR UPDATE SKIP LOCKED"
_SEARCH_LATER = """
UPDATE order_searches SET next_at = o.next_at
FROM (SELECT min(next_at) AS next_at FROM order_orphans WHERE workspace_id = $1) o
WHERE workspace_id = $1 AND o.next_at IS NOT NULL
"""
_SEARCH_NO_MORE = """
DELETE FROM order_searches
WHERE workspace_id = $1 AND NOT EXISTS (SELECT FROM order_orphans WHERE workspace_id = $1)
"""
_DUE = """
WITH due AS MATERIALIZED (
  SELECT bucket, identity_id, order_id, since FROM order_orphans WHERE workspace_id = $1 AND next_at <= $2
  ORDER BY next_at LIMIT $3
)
SELECT d.bucket, d.identity_id, d.order_id, d.since, h.bucket, h.identity_id, h.order_id
FROM due d LEFT JOIN LATERAL (
  SELECT o.bucket, o.identity_id, o.order_id
  FROM memberships m
  JOIN memberships other ON other.workspace_id = $1 AND other.profile_id = m.profile_id AND other.valid_to = 'infinity'
  JOIN orders o ON o.workspace_id = $1 AND o.bucket = other.bucket AND o.identity_id = other.identity_id
    AND o.order_id = d.order_id
  WHERE m.workspace_id = $1 AND m.bucket = d.bucket AND m.identity_id = d.identity_id AND m.valid_to = 'infinity'
  ORDER BY o.identity_id <> d.identity_id, o.ordered_at, o.identity_id LIMIT 1
) h ON true
"""
_WAIT = f"""
UPDATE order_orphans o SET next_at = r.next_at
FROM unnest($2::smallint[], $3::uuid[], $4::text[], $5::timestamptz[]) AS r (bucket, identity_id, order_id, next_at)
WHERE {_MINE.replace("k.", "r.")}
"""
_FORGET = f"DELETE FROM order_orphans o USING {_KEYS} WHERE {_MINE}"
_COPY = f"""
INSERT INTO order_statements (workspace_id, bucket, identity_id, order_id, event_id, kind, at, amount_minor, currency,
                              products)
SELECT $1, k.to_bucket, k.to_identity, o.order_id, o.event_id, o.kind, o.at, o.amount_minor, o.currency, o.products
FROM unnest($2::smallint[], $3::uuid[], $4::text[], $5::smallint[], $6::uuid[])
  AS k (bucket, identity_id, order_id, to_bucket, to_identity)
JOIN order_statements o ON {_MINE}
ON CONFLICT DO NOTHING
"""
_REMOVE = f"DELETE FROM order_statements o USING {_KEYS} WHERE {_MINE}"
