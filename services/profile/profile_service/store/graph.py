"""What the planner of people looks at: edges, never-links, what is set aside.

Keys are looked up one by one (`CROSS JOIN LATERAL`), as in `identifiers`.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from chassis.clock import from_ms
from chassis.database import Tx
from chassis.ids import bucket_of

from profile_service.domain.calls import Key
from profile_service.domain.identity import Member
from profile_service.domain.ownership import MAX_NEIGHBOURS
from profile_service.domain.partition import Edge, NeverLink, Pair, Refusal
from profile_service.store.moments import milliseconds, moment


class NodeRow(NamedTuple):
    key: Key
    number: int
    member: Member
    state: str | None
    """Of what is set aside: suspected, blocked or released."""
    barred: bool
    """Whether a never-link names it."""


async def news(tx: Tx, edges: Collection[Edge]) -> set[Pair]:
    """The pairs that were never named together, or not so early."""
    if not edges:
        return set()
    rows = await tx.fetch(
        _NEWS,
        tx.workspace_id,
        [bucket_of(e.low) for e in edges],
        [e.low for e in edges],
        [e.high for e in edges],
        [e.at for e in edges],
        [e.message_id for e in edges],
    )
    return {(r["low"], r["high"]) for r in rows}


async def describe(tx: Tx, identity_ids: Collection[UUID]) -> dict[UUID, NodeRow]:
    ids = list(identity_ids)
    if not ids:
        return {}
    rows = await tx.fetch(_DESCRIBE, tx.workspace_id, [bucket_of(i) for i in ids], ids)
    found = {}
    for row in rows:
        kind, scope, value_key, number, state, barred, *member = row
        found[member[0]] = NodeRow((kind, scope, value_key), number, Member._make(member), state, barred)
    return found


async def edges_of(tx: Tx, identity_ids: Collection[UUID]) -> dict[Pair, tuple[Edge, bool, Refusal | None]]:
    """Every edge of each; of weak ones with each other at most as many as count. (edge, between weak ones, refusal)."""
    ids = list(identity_ids)
    if not ids:
        return {}
    rows = await tx.fetch(_EDGES_OF, tx.workspace_id, [bucket_of(i) for i in ids], ids, MAX_NEIGHBOURS + 1)
    return {(r["low_id"], r["high_id"]): (_edge(r), r["weak"], _refusal(r)) for r in rows}


async def edges_by_hand(
    tx: Tx, identity_ids: Collection[UUID]
) -> dict[Pair, tuple[Edge, bool, Refusal | None]]:
    """As `edges_of`, of those that somebody decided."""
    rows = await tx.fetch(_EDGES_BY_HAND, tx.workspace_id, list(identity_ids)) if identity_ids else []
    return {(r["low_id"], r["high_id"]): (_edge(r), r["weak"], _refusal(r)) for r in rows}


async def never_links(tx: Tx, identity_ids: Collection[UUID]) -> list[NeverLink]:
    ids = list(identity_ids)
    rows = await tx.fetch(_NEVER, tx.workspace_id, [bucket_of(i) for i in ids], ids) if ids else []
    sides: dict[UUID, tuple[set[UUID], set[UUID]]] = {}
    for row in rows:
        sides.setdefault(row["rule_id"], (set(), set()))[0 if row["is_left"] else 1].add(row["identity_id"])
    return [NeverLink(rule, frozenset(left), frozenset(right)) for rule, (left, right) in sides.items()]


async def save_edges(tx: Tx, edges: Sequence[tuple[Edge, bool, Refusal | None]]) -> None:
    """New ones, and those whose time or refusal changed. (edge, between weak ones, refusal)."""
    if not edges:
        return
    rows = sorted(edges, key=lambda e: (bucket_of(e[0].low), e[0].pair))
    await tx.execute(
        _SAVE_EDGES,
        tx.workspace_id,
        [bucket_of(e.low) for e, _, _ in rows],
        [e.low for e, _, _ in rows],
        [e.high for e, _, _ in rows],
        [None if e.by_hand else e.at for e, _, _ in rows],
        ["" if e.by_hand else e.message_id for e, _, _ in rows],
        [weak for _, weak, _ in rows],
        [r.reason if r else None for _, _, r in rows],
        [r.detail if r else None for _, _, r in rows],
    )


async def set_aside(tx: Tx, suspects: Mapping[UUID, int], now: datetime) -> None:
    ids = sorted(suspects, key=lambda i: (bucket_of(i), i))
    if ids:
        moments = [from_ms(suspects[i]) for i in ids]
        await tx.execute(_SET_ASIDE, tx.workspace_id, [bucket_of(i) for i in ids], ids, moments, now)


def _edge(row: Any) -> Edge:
    if row["rule_id"] is not None:
        return Edge(row["low_id"], row["high_id"], row["ruled"], str(row["rule_id"]), by_hand=True)
    return Edge(row["low_id"], row["high_id"], row["at"], row["message_id"])


def _refusal(row: Any) -> Refusal | None:
    return Refusal(row["refused"], row["detail"]) if row["refused"] else None


MEMBER = f"""m.identity_id, m.profile_id, m.profile_no, m.version, m.through, m.owner,
       CASE WHEN m.owned_since IS NULL THEN 0 ELSE {milliseconds("m.owned_since")} END AS since"""
"""A Member's fields, in order."""
KEYS = "unnest($2::smallint[], $3::uuid[]) AS k (bucket, id)"
_NEWS = f"""
SELECT k.low, k.high
FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[]) AS k (bucket, low, high, at, message)
LEFT JOIN LATERAL (
  SELECT event_time, message_id FROM edges
  WHERE workspace_id = $1 AND bucket = k.bucket AND low_id = k.low AND high_id = k.high OFFSET 0
) e ON true
WHERE e.event_time IS NULL OR ({moment("k.at")}, k.message COLLATE "C") < (e.event_time, e.message_id COLLATE "C")
"""
_DESCRIBE = f"""
SELECT i.type, i.scope, i.value_key, n.identity_no, a.state,
       EXISTS (SELECT FROM never_links WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.id), {MEMBER}
FROM {KEYS}
CROSS JOIN LATERAL (
  SELECT type, scope, value_key FROM identifiers WHERE workspace_id = $1 AND identity_id = k.id LIMIT 1
) i CROSS JOIN LATERAL (
  SELECT identity_no FROM identities WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.id OFFSET 0
) n CROSS JOIN LATERAL (
  SELECT * FROM memberships WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.id OFFSET 0
) m LEFT JOIN LATERAL (
  SELECT state FROM set_aside WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.id OFFSET 0
) a ON true
"""
_EDGE = f"""low_id, high_id, {milliseconds("nullif(event_time, 'infinity')")} AS at, message_id, rule_id, {milliseconds("ruled_at")} AS ruled,
         weak, refused, detail"""
_EDGES_OF = f"""
SELECT e.* FROM {KEYS} CROSS JOIN LATERAL (
  (SELECT {_EDGE} FROM edges WHERE workspace_id = $1 AND bucket = k.bucket AND low_id = k.id AND NOT weak)
  UNION ALL
  (SELECT {_EDGE} FROM edges WHERE workspace_id = $1 AND high_id = k.id AND NOT weak)
  UNION ALL
  (SELECT {_EDGE} FROM edges WHERE workspace_id = $1 AND bucket = k.bucket AND low_id = k.id AND weak LIMIT $4)
  UNION ALL
  (SELECT {_EDGE} FROM edges WHERE workspace_id = $1 AND high_id = k.id AND weak LIMIT $4)
) e
"""
_EDGES_BY_HAND = f"""
SELECT e.* FROM unnest($2::uuid[]) AS k (id) CROSS JOIN LATERAL (
  (SELECT {_EDGE} FROM edges WHERE workspace_id = $1 AND low_id = k.id AND rule_id IS NOT NULL)
  UNION ALL
  (SELECT {_EDGE} FROM edges WHERE workspace_id = $1 AND high_id = k.id AND rule_id IS NOT NULL)
) e
"""
_NEVER = f"""
SELECT n.rule_id, n.is_left, n.identity_id FROM never_links n
WHERE n.workspace_id = $1 AND n.rule_id = ANY(ARRAY(
  SELECT o.rule_id FROM {KEYS} CROSS JOIN LATERAL (
    SELECT rule_id FROM never_links WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.id OFFSET 0
  ) o
))
"""
_SAVE_EDGES = f"""
INSERT INTO edges AS e (workspace_id, bucket, low_id, high_id, event_time, message_id, weak, refused, detail)
SELECT $1, b, l, h, coalesce({moment("t")}, 'infinity'), m, w, r, d
FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[], $7::boolean[], $8::text[], $9::text[])
  AS k (b, l, h, t, m, w, r, d)
ON CONFLICT (workspace_id, bucket, low_id, high_id) DO UPDATE SET
  event_time = least(e.event_time, excluded.event_time),
  message_id = CASE WHEN (excluded.event_time, excluded.message_id COLLATE "C") < (e.event_time, e.message_id COLLATE "C")
               THEN excluded.message_id ELSE e.message_id END,
  weak = excluded.weak, refused = excluded.refused, detail = excluded.detail
"""
_SET_ASIDE = """
INSERT INTO set_aside (workspace_id, bucket, identity_id, state, since, reason, decided_at)
SELECT $1, b, i, 'suspected', t, 'named_with_too_many', $5 FROM unnest($2::smallint[], $3::uuid[], $4::timestamptz[]) AS k (b, i, t)
ON CONFLICT DO NOTHING
"""
