"""Recent events per identity: waits and entries look back on them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from chassis.database import Tx
from chassis.ids import bucket_of

from journey_service.domain.run import Event, Moment

KEEP = timedelta(days=400)
"""Longer than the longest wait, so that a time-out can always look back to where it opened."""
STORE_WITHIN = timedelta(days=30)
"""Older events reach nobody who waits: a run opens at the event time of what started it, and history starts none."""


async def insert(tx: Tx, events: Sequence[tuple[Event, str]]) -> set[str]:
    """(event, properties as JSON text) → ids of those not stored before."""
    if not events:
        return set()
    rows = await tx.fetch(
        _INSERT,
        tx.workspace_id,
        [bucket_of(e.identity_id) for e, _ in events],
        [UUID(e.event_id) for e, _ in events],
        [e.identity_id for e, _ in events],
        [e.name for e, _ in events],
        [e.moment.at for e, _ in events],
        [e.accepted_at for e, _ in events],
        [p for _, p in events],
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


async def purge(tx: Tx, before: datetime) -> None:
    await tx.execute(
        "DELETE FROM events WHERE workspace_id = $1 AND event_time < $2", tx.workspace_id, before
    )


_INSERT = """
INSERT INTO events (workspace_id, bucket, event_id, identity_id, name, event_time, accept_time, properties)
SELECT $1, * FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::timestamptz[],
                         $8::text[])
ON CONFLICT DO NOTHING RETURNING event_id
"""
_LOAD = """
SELECT event_id, identity_id, name, event_time, accept_time, properties FROM events
WHERE workspace_id = $1 AND identity_id = ANY($2::uuid[]) AND event_time >= $4 AND name = ANY($3::text[])
"""
