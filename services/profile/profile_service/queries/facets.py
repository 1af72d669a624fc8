"""What a person's profile shows beside traits and identifiers: what they did in their life, orders, accounts."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.ids import bucket_of

from profile_service.queries.commerce import CURRENCY


async def event_counts(tx: Tx, identity_ids: Sequence[UUID]) -> list[Any]:
    """(name, count, first, last) of every event, the one done last first. In one statement, since an event may be
    deleted and counted meanwhile."""
    buckets = [bucket_of(i) for i in identity_ids]
    return await tx.fetch(_EVENTS, tx.workspace_id, buckets, list(identity_ids))


async def order_sums(tx: Tx, identity_ids: Sequence[UUID]) -> list[Any]:
    buckets = [bucket_of(i) for i in identity_ids]
    return await tx.fetch(_ORDERS, tx.workspace_id, buckets, list(identity_ids))


_EVENTS = """
SELECT name, sum(count)::bigint AS count, min(first_at) AS first_at, max(last_at) AS last_at FROM (
  SELECT name, count(*) AS count, min(event_time) AS first_at, max(event_time) AS last_at FROM events
  WHERE workspace_id = $1 AND identity_id = ANY($3::uuid[]) GROUP BY name
  UNION ALL
  SELECT c.name, c.count, c.first_at, c.last_at FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id)
  JOIN event_counters c ON c.workspace_id = $1 AND c.bucket = k.bucket AND c.identity_id = k.identity_id
) e GROUP BY name ORDER BY last_at DESC, name
"""
_ORDERS = f"""
SELECT {CURRENCY} AS currency, count(*) AS orders, sum(o.amount_minor)::bigint AS total_minor,
       sum(o.amount_minor - coalesce(o.refunded_minor, 0))::bigint AS net_minor
FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id)
JOIN orders o ON o.workspace_id = $1 AND o.bucket = k.bucket AND o.identity_id = k.identity_id
WHERE coalesce(o.state, 'completed') <> 'cancelled' GROUP BY 1 ORDER BY 1
"""
