"""Events, event states and traits of identities. Whoever writes what it has read holds the lock of the person
(people.settle).

Here and in memberships.py, keys are looked up one by one (`CROSS JOIN LATERAL`): a plain join would leave it to
statistics whether a batch reads its own rows or the whole workspace, and a young table has none.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import consents
from chassis.clock import from_ms, to_ms
from chassis.database import Tx
from chassis.ids import bucket_of
from consents import Entry
from rules import EventState
from survivorship import Traits, decode, encode

from segment_service.domain.catalogue import Wanted
from segment_service.domain.facts import Known
from segment_service.domain.heard import EventFact, EventMoved, Heard
from segment_service.store.keys import with_buckets


async def store_events(tx: Tx, events: Mapping[UUID, tuple[UUID, Heard, EventFact]]) -> set[UUID]:
    """Stores the events; the ids of those that were not there before."""
    if not events:
        return set()
    buckets, identities = with_buckets(identity for identity, _, _ in events.values())
    rows = await tx.fetch(
        _STORE_EVENTS,
        tx.workspace_id,
        buckets,
        identities,
        list(events),
        [event.name for _, _, event in events.values()],
        [from_ms(record.cause.event_ms) for _, record, _ in events.values()],
    )
    return {row["event_id"] for row in rows}


async def move_events(tx: Tx, moved: Sequence[tuple[EventMoved, UUID, int]]) -> None:
    """(event, identity that it is of now, time). Where it was a row without a name stays, so that the event is not
    counted there when it comes late."""
    if not moved:
        return
    columns: list[list[Any]] = [
        [bucket_of(fact.from_identity_id) for fact, _, _ in moved],
        [fact.from_identity_id for fact, _, _ in moved],
        [bucket_of(now) for _, now, _ in moved],
        [now for _, now, _ in moved],
        [fact.event_id for fact, _, _ in moved],
        [fact.name for fact, _, _ in moved],
        [from_ms(ms) for _, _, ms in moved],
    ]
    await tx.execute(_LEAVE, tx.workspace_id, columns[0], columns[1], columns[4], columns[6])
    await tx.execute(_ARRIVE, tx.workspace_id, *columns[2:])
    states = sorted(
        {(bucket_of(i), i, fact.name) for fact, now, _ in moved for i in (fact.from_identity_id, now)}
    )
    await tx.execute(_RECOUNT, tx.workspace_id, *([s[n] for s in states] for n in range(3)))


async def missing_events(tx: Tx, events: Mapping[UUID, UUID]) -> int:
    """How many of these (event id → identity) are not stored."""
    if not events:
        return 0
    buckets, _ = with_buckets(events.values())
    found: int = await tx.fetchval(_COUNT_EVENTS, tx.workspace_id, buckets, list(events))
    return len(events) - found


async def add_counts(tx: Tx, counts: Mapping[tuple[UUID, str], EventState]) -> None:
    if not counts:
        return
    # In key order: batches whose people nobody holds meet here.
    counts = {key: counts[key] for key in sorted(counts, key=lambda k: (bucket_of(k[0]), k))}
    buckets, identities = with_buckets(identity for identity, _ in counts)
    await tx.execute(
        _ADD_COUNTS,
        tx.workspace_id,
        buckets,
        identities,
        [name for _, name in counts],
        [state.count for state in counts.values()],
        [from_ms(state.first_ms or 0) for state in counts.values()],
        [from_ms(state.last_ms or 0) for state in counts.values()],
    )


async def load_states(
    tx: Tx, identities: Iterable[UUID], names: Collection[str]
) -> dict[UUID, dict[str, EventState]]:
    """The states of the events named."""
    buckets, ids = with_buckets(identities)
    found: dict[UUID, dict[str, EventState]] = {}
    if not ids or not names:
        return found
    for identity, name, count, first, last in await tx.fetch(
        _LOAD_STATES, tx.workspace_id, buckets, ids, list(names)
    ):
        found.setdefault(identity, {})[name] = EventState(count, to_ms(first), to_ms(last))
    return found


async def load_traits(tx: Tx, identities: Iterable[UUID]) -> dict[UUID, Traits]:
    buckets, ids = with_buckets(identities)
    if not ids:
        return {}
    rows = await tx.fetch(_LOAD_TRAITS, tx.workspace_id, buckets, ids)
    return {
        identity: decode(values, {**times, **_current(more, times)} if more else times)
        for identity, values, times, more in rows
    }


async def save_traits(tx: Tx, traits: Mapping[UUID, Traits]) -> None:
    if not traits:
        return
    buckets, ids = with_buckets(traits)
    await tx.execute(
        _SAVE_TRAITS,
        tx.workspace_id,
        buckets,
        ids,
        [t.values for t in traits.values()],
        [{name: (stamp.ms, stamp.record) for name, stamp in t.stamps.items()} for t in traits.values()],
        [encode(t, plain=False) for t in traits.values()],
    )


async def load_known(tx: Tx, identities: Collection[UUID], wanted: Wanted) -> dict[UUID, Known]:
    """What these identities are known for, as far as rules that look at what is wanted can tell."""
    states = await load_states(tx, identities, wanted.events)
    values = await load_traits(tx, identities) if wanted.traits else {}
    entries = await consents.of_identities(tx, identities) if wanted.consents else {}
    return together(identities, states, values, entries)


def together(
    identities: Iterable[UUID],
    states: Mapping[UUID, dict[str, EventState]],
    traits: Mapping[UUID, Traits],
    entries: Mapping[UUID, list[Entry]],
) -> dict[UUID, Known]:
    return {i: Known(states.get(i, {}), traits.get(i, Traits()), entries.get(i, [])) for i in identities}


def _current(more: Mapping[str, Any], times: Mapping[str, Any]) -> dict[str, Any]:
    """The release before writes `times` alone: what `more` says of another statement is out of date."""
    return {name: written for name, written in more.items() if written[:2] == times.get(name)}


_STORE_EVENTS = """
INSERT INTO events (workspace_id, bucket, identity_id, event_id, name, event_time)
SELECT $1, * FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[])
ON CONFLICT DO NOTHING RETURNING event_id
"""
_LEAVE = """
INSERT INTO events (workspace_id, bucket, identity_id, event_id, name, event_time)
SELECT $1, b, i, e, '', t FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::timestamptz[]) AS k (b, i, e, t)
ON CONFLICT (workspace_id, bucket, event_id) DO UPDATE SET name = '', identity_id = excluded.identity_id
"""
_ARRIVE = """
INSERT INTO events (workspace_id, bucket, identity_id, event_id, name, event_time)
SELECT $1, * FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::text[], $6::timestamptz[])
ON CONFLICT (workspace_id, bucket, event_id) DO UPDATE SET name = excluded.name, identity_id = excluded.identity_id
"""
# Reads a bucket's events: rare, and cheaper than an index that every event would pay for.
_RECOUNT = """
WITH counted AS (
  SELECT k.bucket, k.identity_id, k.name, count(e.event_id) AS count, min(e.event_time) AS first, max(e.event_time) AS last
  FROM unnest($2::smallint[], $3::uuid[], $4::text[]) AS k (bucket, identity_id, name)
  LEFT JOIN events e ON e.workspace_id = $1 AND e.bucket = k.bucket AND e.identity_id = k.identity_id AND e.name = k.name
  GROUP BY 1, 2, 3
), gone AS (
  DELETE FROM event_states s USING counted c WHERE c.count = 0 AND s.workspace_id = $1 AND s.bucket = c.bucket
    AND s.identity_id = c.identity_id AND s.name = c.name
)
INSERT INTO event_states (workspace_id, bucket, identity_id, name, count, first_at, last_at)
SELECT $1, bucket, identity_id, name, count, first, last FROM counted WHERE count > 0
ON CONFLICT (workspace_id, bucket, identity_id, name) DO UPDATE
SET count = excluded.count, first_at = excluded.first_at, last_at = excluded.last_at
"""
_COUNT_EVENTS = """
SELECT count(*) FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, event_id) CROSS JOIN LATERAL (
  SELECT FROM events WHERE workspace_id = $1 AND bucket = k.bucket AND event_id = k.event_id OFFSET 0
) e
"""
_ADD_COUNTS = """
INSERT INTO event_states (workspace_id, bucket, identity_id, name, count, first_at, last_at)
SELECT $1, * FROM unnest($2::smallint[], $3::uuid[], $4::text[], $5::bigint[], $6::timestamptz[], $7::timestamptz[])
ON CONFLICT (workspace_id, bucket, identity_id, name) DO UPDATE
SET count = event_states.count + excluded.count,
    first_at = least(event_states.first_at, excluded.first_at),
    last_at = greatest(event_states.last_at, excluded.last_at)
"""
_LOAD_STATES = """
SELECT s.* FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id) CROSS JOIN LATERAL (
  SELECT identity_id, name, count, first_at, last_at FROM event_states
  WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id AND name = ANY($4::text[]) OFFSET 0
) s
"""
_LOAD_TRAITS = """
SELECT t.* FROM unnest($2::smallint[], $3::uuid[]) AS k (bucket, identity_id) CROSS JOIN LATERAL (
  SELECT identity_id, traits, times, more FROM identity_traits
  WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id OFFSET 0
) t
"""
_SAVE_TRAITS = """
INSERT INTO identity_traits (workspace_id, bucket, identity_id, traits, times, more)
SELECT $1, * FROM unnest($2::smallint[], $3::uuid[], $4::jsonb[], $5::jsonb[], $6::jsonb[])
ON CONFLICT (workspace_id, bucket, identity_id) DO UPDATE
SET traits = excluded.traits, times = excluded.times, more = excluded.more
"""
