"""Orders of identities, as arrays.

Keys are looked up one by one (`CROSS JOIN LATERAL`): a plain join would leave it to statistics whether a batch reads
its own rows or the whole workspace, and a young table has none.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from chassis.clock import from_ms
from chassis.database import Tx
from chassis.ids import bucket_of

from scoring_service.domain.heard import Correction, Order
from scoring_service.domain.rfm import Ints, Orders
from scoring_service.store import profiling

_FROM_2000_TO_1970_US = 946_684_800_000_000
_HEADER = 20
"""Bytes before the elements of a one-dimensional array in PostgreSQL's binary format."""
_ELEMENT = np.dtype([("length", ">i4"), ("value", ">i8")])


async def lock(tx: Tx, identities: Collection[UUID]) -> None:
    """Makes sure of a row for each identity, and locks it until the transaction ends."""
    keys = sorted((bucket_of(i), i) for i in set(identities))
    buckets, ids = [bucket for bucket, _ in keys], [identity for _, identity in keys]
    await tx.execute(_INSERT_MISSING, tx.workspace_id, buckets, ids)
    await tx.fetch(_LOCK, tx.workspace_id, buckets, ids)


async def known_events(tx: Tx, orders: Iterable[Order]) -> set[UUID]:
    """Which of the orders' events are in the arrays already."""
    rows = await tx.fetch(_KNOWN, tx.workspace_id, *_keys(orders))
    return {row["event_id"] for row in rows}


async def append(tx: Tx, orders: Sequence[Order]) -> None:
    if not orders:
        return
    await tx.execute(
        _APPEND,
        tx.workspace_id,
        *_keys(orders),
        [from_ms(o.at_ms) for o in orders],
        [o.amount_minor for o in orders],
    )


async def correct(tx: Tx, corrections: Sequence[Correction]) -> None:
    """Takes what is newer than what is known about the same event."""
    rows = sorted(corrections, key=lambda c: (bucket_of(c.identity_id), c.identity_id, c.event_id))
    await tx.execute(
        _CORRECT,
        tx.workspace_id,
        *_keys(rows),
        [from_ms(c.at_ms) for c in rows],
        [c.amount_minor for c in rows],
        [c.counts for c in rows],
        [c.version for c in rows],
    )


async def load_all(tx: Tx, page: int) -> Orders:
    """Every order of the workspace by the person it belongs to now, read in pages of identities; without those of
    people who are not to be profiled."""
    left_out = await profiling.refused(tx)
    positions: dict[UUID, int] = {}
    person: list[int] = []
    lengths: list[int] = []
    times: list[bytes] = []
    amounts: list[bytes] = []
    async for rows in _pages(tx, page):
        for row in rows:
            if row["profile_id"] in left_out:
                continue
            person.append(positions.setdefault(row["profile_id"], len(positions)))
            times.append(row["times"][_HEADER:])
            amounts.append(row["amounts"][_HEADER:])
            lengths.append(len(times[-1]) // _ELEMENT.itemsize)
    return Orders(
        list(positions),
        np.repeat(np.array(person, np.int64), np.array(lengths, np.int64)),
        (_values(times) + _FROM_2000_TO_1970_US) // 1000,
        _values(amounts),
    )


async def _pages(tx: Tx, page: int) -> AsyncIterator[list[Any]]:
    start: tuple[int, UUID] = (-1, UUID(int=0))
    while rows := await tx.fetch(_PAGE, tx.workspace_id, *start, page):
        end = (rows[-1]["bucket"], rows[-1]["identity_id"])
        corrected = await tx.fetch(_CORRECTED_PAGE, tx.workspace_id, *start, *end)
        if corrected:
            by_identity = {row["identity_id"]: row for row in corrected}
            rows = [{**row, **by_identity.get(row["identity_id"], {})} for row in rows]
        yield rows
        start = end


def _values(elements: list[bytes]) -> Ints:
    """One array out of many, without making a Python object an element."""
    return np.frombuffer(b"".join(elements), _ELEMENT)["value"].astype(np.int64)


def _keys(orders: Iterable[Order | Correction]) -> tuple[list[int], list[UUID], list[UUID]]:
    listed = list(orders)
    return (
        [bucket_of(o.identity_id) for o in listed],
        [o.identity_id for o in listed],
        [o.event_id for o in listed],
    )


_INSERT_MISSING = """
INSERT INTO orders (workspace_id, bucket, identity_id, event_ids, ordered_at, amounts_minor)
SELECT $1, bucket, identity_id, '{}', '{}', '{}' FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id)
ON CONFLICT DO NOTHING
"""
_LOCK = """
SELECT o.identity_id FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id) CROSS JOIN LATERAL (
  SELECT identity_id FROM orders
  WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id FOR UPDATE
) o
"""
_KNOWN = """
SELECT k.event_id FROM unnest($2::smallint[], $3::uuid[], $4::uuid[]) AS k (bucket, identity_id, event_id)
CROSS JOIN LATERAL (
  SELECT event_ids FROM orders
  WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id OFFSET 0
) o
WHERE k.event_id = ANY(o.event_ids)
"""
_APPEND = """
INSERT INTO orders (workspace_id, bucket, identity_id, event_ids, ordered_at, amounts_minor)
SELECT $1, bucket, identity_id, array_agg(event_id ORDER BY n), array_agg(at ORDER BY n), array_agg(amount ORDER BY n)
FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::bigint[])
  WITH ORDINALITY AS k (bucket, identity_id, event_id, at, amount, n)
GROUP BY bucket, identity_id
ON CONFLICT (workspace_id, bucket, identity_id) DO UPDATE
SET event_ids = orders.event_ids || excluded.event_ids,
    ordered_at = orders.ordered_at || excluded.ordered_at,
    amounts_minor = orders.amounts_minor || excluded.amounts_minor
"""
_CORRECT = """
INSERT INTO order_corrections (workspace_id, bucket, identity_id, event_id, ordered_at, amount_minor, counts, version)
SELECT $1, * FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::bigint[], $7::boolean[],
                         $8::bigint[])
ON CONFLICT (workspace_id, bucket, identity_id, event_id) DO UPDATE
SET ordered_at = excluded.ordered_at, amount_minor = excluded.amount_minor, counts = excluded.counts,
    version = excluded.version
WHERE order_corrections.version < excluded.version
"""
# The arrays of the few identities that have corrections: these in the place of what the events said.
_CORRECTED_PAGE = """
WITH corrections AS (
  SELECT bucket, identity_id, array_agg(event_id) AS event_ids,
         coalesce(array_agg(ordered_at ORDER BY event_id) FILTER (WHERE counts), '{}') AS ordered_at,
         coalesce(array_agg(amount_minor ORDER BY event_id) FILTER (WHERE counts), '{}') AS amounts
  FROM order_corrections
  WHERE workspace_id = $1 AND (bucket, identity_id) > ($2, $3) AND (bucket, identity_id) <= ($4, $5)
  GROUP BY bucket, identity_id
)
SELECT o.identity_id, array_send(k.times || c.ordered_at) AS times, array_send(k.amounts || c.amounts) AS amounts
FROM corrections c CROSS JOIN LATERAL (
  SELECT * FROM orders
  WHERE workspace_id = $1 AND bucket = c.bucket AND identity_id = c.identity_id OFFSET 0
) o CROSS JOIN LATERAL (
  SELECT coalesce(array_agg(e.at), '{}') AS times, coalesce(array_agg(e.amount), '{}') AS amounts
  FROM unnest(o.event_ids, o.ordered_at, o.amounts_minor) AS e (event_id, at, amount)
  WHERE NOT e.event_id = ANY(c.event_ids)
) k
"""
_PAGE = """
SELECT o.bucket, o.identity_id, p.profile_id, array_send(o.ordered_at) AS times, array_send(o.amounts_minor) AS amounts
FROM (
  SELECT bucket, identity_id, ordered_at, amounts_minor FROM orders
  WHERE workspace_id = $1 AND (bucket, identity_id) > ($2, $3) ORDER BY bucket, identity_id LIMIT $4
) o CROSS JOIN LATERAL (
  SELECT profile_id FROM people WHERE workspace_id = $1 AND bucket = o.bucket AND identity_id = o.identity_id OFFSET 0
) p
ORDER BY o.bucket, o.identity_id
"""
