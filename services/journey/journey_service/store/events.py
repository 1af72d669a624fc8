"""Recent events per identity: waits and entries look back on them."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from chassis.database import Tx
from chassis.ids import bucket_of

from journey_service.domain.run import Event, Moment, Recorded

STORE_WITHIN = timedelta(days=30)
"""Older events reach nobody who waits: a run opens at the event time of what started it, and history starts none."""


async def insert(tx: Tx, events: Collection[Recorded]) -> set[str]:
    """Ids of the events that were not stored before."""
    if not events:
        return set()
    rows = await tx.fetch(
        _INSERT,
        tx.workspace_id,
        [bucket_of(e.identity_id) for e in events],
        *zip(*events, strict=True),
    )
    return {str(r["event_id"]) for r in rows}


async def of_identities(
    tx: Tx, identity_ids: Iterable[UUID], names: Iterable[str], since: datetime
) -> dict[UUID, list[Event]]:
    """Events of these names from `since` on, by identity."""
    rows = await tx.fetch(_LOAD, tx.workspace_id, list(set(identity_ids)), list(names), since)
    found: dict[UUID, list[Event]] = {}
    for r in rows:
        event = Event(
            str(r["event_id"]),
            r["identity_id"],
            r["name"],
            Moment(r["event_time"], str(r["event_id"])),
            r["accept_time"],
            msgspec.json.decode(r["properties"]),
        )
        found.setdefault(r["identity_id"], []).append(event)
    return found


_INSERT = """
INSERT INTO events (workspace_id, bucket, identity_id, event_id, name, event_time, accept_time, properties)
SELECT $1, b, i, e::uuid, n, et, at, p
FROM unnest($2::smallint[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::text[])
  AS r (b, i, e, n, et, at, p)
ON CONFLICT DO NOTHING RETURNING event_id
"""
_LOAD = """
SELECT event_id, identity_id, name, event_time, accept_time, properties FROM events
WHERE workspace_id = $1 AND identity_id = ANY($2::uuid[]) AND event_time >= $4 AND name = ANY($3::text[])
"""
