"""What people did and said: events, traits, contact points, and which messages are already stored."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import accumulate, chain
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from chassis.database import Tx, columns
from chassis.ids import bucket_of

from profile_service.store.moments import moment


class EventRow(NamedTuple):
    identity_ids: Sequence[UUID]
    event_id: UUID
    identity_id: UUID
    name: str
    at: int
    accepted: int
    """Milliseconds since 1970, as all times here are."""
    message_id: str
    properties: str
    sealed_properties: bytes | None
    source: str
    org_unit_id: str
    historical: bool


class SaidRow(NamedTuple):
    """What one call says of one identity's traits."""

    identity_id: UUID
    at: int
    message_id: str
    source: str
    rank: int
    traits: msgspec.Raw
    sealed_traits: bytes | None


class ContactRow(NamedTuple):
    identity_id: UUID
    type: str
    contact_key: bytes
    sealed_address: bytes
    masked: str
    at: int


async def mark_seen(tx: Tx, message_keys: Iterable[UUID]) -> set[UUID]:
    """The keys nobody has stored before."""
    keys = sorted((bucket_of(k), k) for k in set(message_keys))
    rows = await tx.fetch(_MARK_SEEN, tx.workspace_id, [b for b, _ in keys], [k for _, k in keys])
    return {r["message_key"] for r in rows}


async def seen(tx: Tx, message_keys: Iterable[UUID]) -> set[UUID]:
    """Those of the keys that are stored."""
    keys = list(message_keys)
    rows = await tx.fetch(_SEEN, tx.workspace_id, [bucket_of(k) for k in keys], keys)
    return {r["message_key"] for r in rows}


async def insert_events(tx: Tx, events: Sequence[EventRow]) -> None:
    if not events:
        return
    named, *rest = columns(events, len(EventRow._fields))
    # unnest flattens arrays of arrays, so the identities of all records travel as one, from which each takes its own.
    ends = list(accumulate(map(len, named)))
    await tx.execute(
        _INSERT_EVENTS,
        tx.workspace_id,
        [bucket_of(e.identity_id) for e in events],
        [0, *ends[:-1]],
        ends,
        *rest,
        list(chain.from_iterable(named)),
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
        *columns(moving, len(Moving._fields)),
    )


class StoredTraits(NamedTuple):
    """As `survivorship` encodes them, personal values apart."""

    values: dict[str, Any]
    times: dict[str, Any]
    sealed: bytes | None


async def lock_traits(tx: Tx, identity_ids: Iterable[UUID]) -> dict[UUID, tuple[int, StoredTraits]]:
    """Number and traits of the identities, held until the transaction ends."""
    ids = sorted(set(identity_ids), key=lambda i: (bucket_of(i), i))
    rows = await tx.fetch(_LOCK_TRAITS, tx.workspace_id, [bucket_of(i) for i in ids], ids)
    return {identity_id: (number, StoredTraits(*traits)) for identity_id, number, *traits in rows}


async def write_traits(
    tx: Tx, said: Sequence[SaidRow], changed: Mapping[UUID, tuple[int, StoredTraits | None]], now: datetime
) -> None:
    """Keeps every statement, and what follows from all of them: number and traits of identities that are held, or not
    stored yet."""
    nothing = (None, None, None)
    rows = sorted((bucket_of(i), i, number, *(traits or nothing)) for i, (number, traits) in changed.items())
    await tx.execute(
        _WRITE_TRAITS,
        tx.workspace_id,
        *columns(rows, 6),
        now,
        [bucket_of(s.identity_id) for s in said],
        *columns(said, len(SaidRow._fields)),
    )


async def upsert_contacts(tx: Tx, contacts: Sequence[ContactRow]) -> set[tuple[UUID, bytes]]:
    """The newest statement about each (identity, address) stays; sorted, one row a key. The keys that are new."""
    if not contacts:
        return set()
    said: dict[tuple[Any, ...], list[ContactRow]] = {}
    for contact in contacts:
        key = (bucket_of(contact.identity_id), *contact[:3])
        said.setdefault(key, []).append(contact)
    keys = sorted(said)
    rows = [said[key][0] for key in keys]
    times = [[contact.at for contact in said[key]] for key in keys]
    found = await tx.fetch(
        _UPSERT_CONTACTS,
        tx.workspace_id,
        [key[0] for key in keys],
        *columns([row[:5] for row in rows], 5),
        list(map(max, times)),
        list(map(min, times)),
    )
    return {(identity_id, contact_key) for identity_id, contact_key, fresh in found if fresh}


_MARK_SEEN = """
INSERT INTO seen (workspace_id, bucket, message_key)
SELECT $1, b, k FROM unnest($2::smallint[], $3::uuid[]) AS r (b, k)
ON CONFLICT DO NOTHING RETURNING message_key
"""
_SEEN = """
SELECT s.message_key FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, message_key) CROSS JOIN LATERAL (
  SELECT message_key FROM seen WHERE workspace_id = $1 AND bucket = k.bucket AND message_key = k.message_key OFFSET 0
) s
"""
_INSERT_EVENTS = f"""
INSERT INTO events (workspace_id, bucket, event_id, identity_id, name, event_time, accept_time, message_id,
                    identity_ids, properties, sealed_properties, source, org_unit_id, historical)
SELECT $1, b, e, i, n, {moment("et")}, {moment("at")}, m, ($16::uuid[])[first + 1 : last], p, sp, s, u, h
FROM unnest($2::smallint[], $3::int[], $4::int[], $5::uuid[], $6::uuid[], $7::text[], $8::bigint[], $9::bigint[],
            $10::text[], $11::text[], $12::bytea[], $13::text[], $14::text[], $15::boolean[])
  AS r (b, first, last, e, i, n, et, at, m, p, sp, s, u, h)
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
SELECT i.* FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id) CROSS JOIN LATERAL (
  SELECT identity_id, identity_no, traits, trait_times, sealed_traits FROM identities
  WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id FOR UPDATE
) i
"""
# An UPDATE joined by key would leave it to statistics whether a batch reads its own rows or the whole workspace, once or
# for each row. ON CONFLICT has one way to a row.
_WRITE_TRAITS = f"""
WITH said AS (
  INSERT INTO trait_statements (workspace_id, bucket, identity_id, said_at, message_id, source, rank, traits,
                                sealed_traits)
  SELECT $1, b, i, {moment("t")}, m, s, r, v, sealed
  FROM unnest($9::smallint[], $10::uuid[], $11::bigint[], $12::text[], $13::text[], $14::int[], $15::jsonb[], $16::bytea[])
    AS k (b, i, t, m, s, r, v, sealed)
  ON CONFLICT DO NOTHING
)
INSERT INTO identities (workspace_id, bucket, identity_id, identity_no, traits, trait_times, sealed_traits, created_at,
                        updated_at)
SELECT $1, b, i, n, coalesce(t, '{{}}'), coalesce(s, '{{}}'), z, $8, $8
FROM unnest($2::smallint[], $3::uuid[], $4::bigint[], $5::jsonb[], $6::jsonb[], $7::bytea[]) AS r (b, i, n, t, s, z)
ON CONFLICT (workspace_id, bucket, identity_id) DO UPDATE
SET traits = excluded.traits, trait_times = excluded.trait_times, sealed_traits = excluded.sealed_traits,
    updated_at = excluded.updated_at
"""
# A row that was there has been locked by this statement, which its `xmax` tells.
_UPSERT_CONTACTS = f"""
INSERT INTO contact_points (workspace_id, bucket, identity_id, type, contact_key, sealed_address, masked, event_time,
                            first_time)
SELECT $1, b, i, t, k, a, m, {moment("last")}, {moment("first")}
FROM unnest($2::smallint[], $3::uuid[], $4::text[], $5::bytea[], $6::bytea[], $7::text[], $8::bigint[], $9::bigint[])
  AS r (b, i, t, k, a, m, last, first)
ON CONFLICT (workspace_id, bucket, identity_id, type, contact_key) DO UPDATE
SET event_time = greatest(contact_points.event_time, excluded.event_time),
    first_time = least(contact_points.first_time, contact_points.event_time, excluded.first_time)
WHERE contact_points.event_time < excluded.event_time
   OR coalesce(contact_points.first_time, contact_points.event_time) > excluded.first_time
RETURNING identity_id, contact_key, xmax = 0 AS fresh
"""
