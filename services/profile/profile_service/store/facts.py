"""What people did and said: events, traits, contact points, and which messages are already stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from chassis.clock import to_ms
from chassis.database import Tx
from chassis.ids import bucket_of

from profile_service.domain.traits import Traits


class EventRow(NamedTuple):
    event_id: UUID
    identity_id: UUID
    name: str
    event_time: datetime
    accept_time: datetime
    message_id: str
    identity_ids: Sequence[UUID]
    properties: str
    sealed_properties: bytes | None
    source: str
    org_unit_id: str
    historical: bool


@dataclass(frozen=True, slots=True)
class ContactRow:
    identity_id: UUID
    type: str
    contact_key: bytes
    sealed_address: bytes
    masked: str
    event_time: datetime


async def mark_seen(tx: Tx, message_keys: Iterable[UUID]) -> set[UUID]:
    """The keys nobody has stored before."""
    keys = sorted(set(message_keys), key=lambda k: (bucket_of(k), k.int))
    rows = await tx.fetch(_MARK_SEEN, tx.workspace_id, [bucket_of(k) for k in keys], keys)
    return {r["message_key"] for r in rows}


async def insert_events(tx: Tx, events: Sequence[EventRow]) -> None:
    if not events:
        return
    # unnest flattens arrays of arrays, so the identities of a record travel as one text, cut apart by SQL.
    others = [",".join(map(str, e.identity_ids)) for e in events]
    await tx.execute(
        _INSERT_EVENTS,
        tx.workspace_id,
        [bucket_of(e.identity_id) for e in events],
        [e.event_id for e in events],
        [e.identity_id for e in events],
        [e.name for e in events],
        [e.event_time for e in events],
        [e.accept_time for e in events],
        [e.message_id for e in events],
        others,
        [e.properties for e in events],
        [e.sealed_properties for e in events],
        [e.source for e in events],
        [e.org_unit_id for e in events],
        [e.historical for e in events],
    )


class Moving(NamedTuple):
    """Events that only `weak` names, between two moments: from one identity to another."""

    weak: UUID
    start: datetime
    end: datetime
    old: UUID
    new: UUID


async def move_events(tx: Tx, moving: Sequence[Moving]) -> list[Any]:
    """Rows (event_id, name, event_time, accept_time, old, new) of those that moved."""
    if not moving:
        return []
    return await tx.fetch(
        _MOVE_EVENTS,
        tx.workspace_id,
        [bucket_of(m.old) for m in moving],
        [bucket_of(m.new) for m in moving],
        *([m[i] for m in moving] for i in range(5)),
    )


async def lock_traits(tx: Tx, identity_ids: Iterable[UUID]) -> dict[UUID, tuple[Traits, bytes | None]]:
    """Traits of the identities, held until the transaction ends: (public with stamps, sealed personal ones)."""
    ids = sorted(set(identity_ids), key=lambda i: (bucket_of(i), i))
    rows = await tx.fetch(_LOCK_TRAITS, tx.workspace_id, [bucket_of(i) for i in ids], ids)
    return {
        r["identity_id"]: (
            Traits(r["traits"], {k: tuple(v) for k, v in r["trait_times"].items()}),
            r["sealed_traits"],
        )
        for r in rows
    }


async def update_traits(tx: Tx, changed: Mapping[UUID, tuple[Traits, bytes | None]], now: datetime) -> None:
    ids = list(changed)
    await tx.execute(
        _UPDATE_TRAITS,
        tx.workspace_id,
        [bucket_of(i) for i in ids],
        ids,
        [changed[i][0].values for i in ids],
        [changed[i][0].stamps for i in ids],
        [changed[i][1] for i in ids],
        now,
    )


async def upsert_contacts(tx: Tx, contacts: Sequence[ContactRow]) -> None:
    """The newest statement about each (identity, address) stays; sorted, one row a key."""
    newest: dict[tuple[Any, ...], ContactRow] = {}
    for contact in contacts:
        key = (bucket_of(contact.identity_id), contact.identity_id, contact.type, contact.contact_key)
        if key not in newest or newest[key].event_time < contact.event_time:
            newest[key] = contact
    rows = [newest[key] for key in sorted(newest)]
    if rows:
        await tx.execute(
            _UPSERT_CONTACTS,
            tx.workspace_id,
            [bucket_of(c.identity_id) for c in rows],
            [c.identity_id for c in rows],
            [c.type for c in rows],
            [c.contact_key for c in rows],
            [c.sealed_address for c in rows],
            [c.masked for c in rows],
            [c.event_time for c in rows],
        )


def stamp_of(moment: datetime, message_id: str) -> tuple[int, str]:
    return to_ms(moment), message_id


_MARK_SEEN = """
INSERT INTO seen (workspace_id, bucket, message_key)
SELECT $1, b, k FROM unnest($2::smallint[], $3::uuid[]) AS r (b, k)
ON CONFLICT DO NOTHING RETURNING message_key
"""
_INSERT_EVENTS = """
INSERT INTO events (workspace_id, bucket, event_id, identity_id, name, event_time, accept_time, message_id,
                    identity_ids, properties, sealed_properties, source, org_unit_id, historical)
SELECT $1, b, e, i, n, et, at, m, string_to_array(o, ',')::uuid[], p, sp, s, u, h
FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[], $7::timestamptz[], $8::text[],
            $9::text[], $10::text[], $11::bytea[], $12::text[], $13::text[], $14::boolean[])
  AS r (b, e, i, n, et, at, m, o, p, sp, s, u, h)
ON CONFLICT DO NOTHING
"""
_MOVE_EVENTS = """
WITH gone AS (
  DELETE FROM events e USING unnest($2::smallint[], $3::smallint[], $4::uuid[], $5::timestamptz[], $6::timestamptz[],
                                    $7::uuid[], $8::uuid[]) AS k (old_bucket, new_bucket, weak, start, finish, old, new)
  WHERE e.workspace_id = $1 AND e.bucket = k.old_bucket AND e.identity_id = k.old AND e.event_time >= k.start
    AND e.event_time < k.finish AND e.identity_ids[1] = k.weak
  RETURNING e.*, k.new_bucket, k.old, k.new
), moved AS (
  INSERT INTO events (workspace_id, bucket, event_id, identity_id, name, event_time, accept_time, message_id,
                      identity_ids, properties, sealed_properties, source, org_unit_id, historical)
  SELECT workspace_id, new_bucket, event_id, new, name, event_time, accept_time, message_id, identity_ids, properties,
         sealed_properties, source, org_unit_id, historical FROM gone
  ON CONFLICT DO NOTHING
)
SELECT event_id, name, event_time, accept_time, old, new FROM gone
"""
_LOCK_TRAITS = """
SELECT i.identity_id, i.traits, i.trait_times, i.sealed_traits FROM identities i
JOIN unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id)
  ON i.bucket = k.bucket AND i.identity_id = k.identity_id
WHERE i.workspace_id = $1
ORDER BY i.bucket, i.identity_id FOR UPDATE OF i
"""
_UPDATE_TRAITS = """
UPDATE identities i SET traits = r.traits, trait_times = r.times, sealed_traits = r.sealed, updated_at = $7
FROM unnest($2::smallint[], $3::uuid[], $4::jsonb[], $5::jsonb[], $6::bytea[]) AS r (bucket, id, traits, times, sealed)
WHERE i.workspace_id = $1 AND i.bucket = r.bucket AND i.identity_id = r.id
"""
_UPSERT_CONTACTS = """
INSERT INTO contact_points (workspace_id, bucket, identity_id, type, contact_key, sealed_address, masked, event_time)
SELECT $1, b, i, t, k, s, m, e
FROM unnest($2::smallint[], $3::uuid[], $4::text[], $5::bytea[], $6::bytea[], $7::text[], $8::timestamptz[])
  AS r (b, i, t, k, s, m, e)
ON CONFLICT (workspace_id, bucket, identity_id, type, contact_key)
DO UPDATE SET event_time = excluded.event_time WHERE contact_points.event_time < excluded.event_time
"""
