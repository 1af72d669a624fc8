"""What a person did, newest first. An event of an identity that was the person only for a time counts inside it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx

from profile_service.queries.commerce import CURRENCY

KINDS = ("event", "order")
Place = tuple[datetime, str]
"""(moment, key) of the last item of a page."""


async def items(
    tx: Tx,
    profile_id: UUID,
    kinds: Collection[str],
    since: datetime,
    until: datetime,
    before: Place | None,
    limit: int,
) -> list[Any]:
    """From `since` to before `until`: kind, key, item_id, at, name, details, properties as JSON text. Keys order what happened at one moment."""
    moment, key = before or (until, "")
    return await tx.fetch(
        _ITEMS,
        tx.workspace_id,
        profile_id,
        since,
        until,
        moment,
        key,
        limit,
        "event" in kinds,
        "order" in kinds,
    )


async def identities(tx: Tx, profile_id: UUID, most: int) -> Sequence[UUID]:
    """Those that are or once were the person."""
    rows = await tx.fetch(_IDENTITIES, tx.workspace_id, profile_id, most)
    return [r["identity_id"] for r in rows]


_ITEMS = f"""
SELECT * FROM (
  SELECT 'event' AS kind, e.* FROM memberships m CROSS JOIN LATERAL (
    SELECT ('e' || event_id::text) COLLATE "C" AS key, event_id::text AS item_id, event_time AS at, name,
           jsonb_build_object('source', source, 'org_unit_id', org_unit_id, 'message_id', message_id,
                              'historical', historical) AS details, properties
    FROM events
    WHERE workspace_id = $1 AND identity_id = m.identity_id AND event_time >= greatest(m.valid_from, $3)
      AND event_time < least(m.valid_to, $4) AND event_time <= $5
      AND (event_time < $5 OR ('e' || event_id::text) COLLATE "C" < $6)
    ORDER BY event_time DESC, event_id DESC LIMIT $7
  ) e
  WHERE m.workspace_id = $1 AND m.profile_id = $2 AND $8
  UNION ALL
  SELECT 'order', o.* FROM memberships m CROSS JOIN LATERAL (
    SELECT ('o' || identity_id::text || order_id) COLLATE "C" AS key, order_id AS item_id, ordered_at AS at,
           order_id AS name,
           jsonb_build_object('state', coalesce(state, 'completed'), 'amount_minor', amount_minor,
                              'refunded_minor', coalesce(refunded_minor, 0), 'currency', {CURRENCY}) AS details,
           NULL AS properties
    FROM orders
    WHERE workspace_id = $1 AND bucket = m.bucket AND identity_id = m.identity_id
      AND ordered_at >= greatest(m.valid_from, $3) AND ordered_at < least(m.valid_to, $4) AND ordered_at <= $5
      AND (ordered_at < $5 OR ('o' || identity_id::text || order_id) COLLATE "C" < $6)
    ORDER BY ordered_at DESC, key DESC LIMIT $7
  ) o
  WHERE m.workspace_id = $1 AND m.profile_id = $2 AND $9
) i ORDER BY at DESC, key COLLATE "C" DESC LIMIT $7
"""
_IDENTITIES = """
SELECT DISTINCT identity_id FROM memberships WHERE workspace_id = $1 AND profile_id = $2 ORDER BY identity_id LIMIT $3
"""
