"""What the planner of people looks at: edges, log-ins, never-links, what is set aside.

Keys are looked up one by one (`CROSS JOIN LATERAL`), as in `identifiers`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from chassis.clock import from_ms
from chassis.database import Tx, columns
from chassis.ids import bucket_of

from profile_service.domain.calls import Key
from profile_service.domain.identity import Member, Name
from profile_service.domain.ownership import MAX_NEIGHBOURS, Login, Seen, Span, minute_of
from profile_service.domain.partition import Edge, NeverLink, Pair, Refusal
from profile_service.store.moments import milliseconds, moment

MAX_FIRSTS = 20
"""Earliest log-ins that are looked at to find a weak identifier's first owner; those barred by hand are skipped."""


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


async def add_logins(
    tx: Tx, logins: Mapping[tuple[UUID, int, UUID], Seen], known: Iterable[Member]
) -> dict[UUID, Member]:
    """Stores log-ins, by weak identity, minute and owner, and holds those weak identities that are known; the ones
    that are elsewhere meanwhile, as they are now."""
    rows = sorted(
        (bucket_of(w), w, minute, owner, seen.first.at, seen.last.at)
        for (w, minute, owner), seen in logins.items()
    )
    held = sorted((bucket_of(m.identity_id), m.identity_id, m.version) for m in known)
    moved = await tx.fetch(_ADD_LOGINS, tx.workspace_id, *columns(rows, 6), *columns(held, 3))
    return {row[0]: Member._make(row) for row in moved}


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


async def first_logins(tx: Tx, weak: Collection[UUID]) -> dict[UUID, list[Login]]:
    ids = list(weak)
    if not ids:
        return {}
    rows = await tx.fetch(_FIRSTS, tx.workspace_id, [bucket_of(i) for i in ids], ids, MAX_FIRSTS)
    return _logins(rows)


async def logins_since(tx: Tx, since: Mapping[UUID, int]) -> dict[UUID, list[Login]]:
    """Those since the minute of that moment."""
    ids = list(since)
    if not ids:
        return {}
    moments = [from_ms(minute_of(since[i])) for i in ids]
    return _logins(await tx.fetch(_LOGINS, tx.workspace_id, [bucket_of(i) for i in ids], ids, moments))


async def spans_since(tx: Tx, since: Mapping[UUID, int | None]) -> dict[UUID, list[Span]]:
    """Owners after the first, in time order: the last before the minute of that moment and all since; of None the last
    one. Absent for those who have none."""
    ids = list(since)
    found: dict[UUID, list[Span]] = {}
    if ids:
        moments = [None if at is None else from_ms(minute_of(at)) for at in since.values()]
        for row in await tx.fetch(_SPANS, tx.workspace_id, [bucket_of(i) for i in ids], ids, moments):
            found.setdefault(row["identity_id"], []).append(Span(row["start"], row["owner_id"]))
    return found


async def owners_at(tx: Tx, asked: Sequence[tuple[UUID, int]]) -> list[UUID | None]:
    """Who owned each weak identity at its moment; None when its first owner did, or nobody."""
    weak, at = columns(asked, 2)
    rows = await tx.fetch(
        _OWNERS_AT, tx.workspace_id, list(map(bucket_of, weak)), weak, list(map(from_ms, at))
    )
    return [row["owner_id"] for row in rows]


async def attached(tx: Tx, strong: Collection[UUID], but: Collection[UUID]) -> dict[UUID, Name]:
    """Strong identity → the lowest weak one that is its own from birth, leaving some out."""
    rows = await tx.fetch(_ATTACHED, tx.workspace_id, list(strong), list(but))
    return {r["through"]: (r["identity_no"], r["identity_id"]) for r in rows}


async def weak_of(tx: Tx, strong: Collection[UUID]) -> list[UUID]:
    """Weak identities that are theirs from birth."""
    return [r["identity_id"] for r in await tx.fetch(_WEAK_OF, tx.workspace_id, list(strong))]


async def shared_by(tx: Tx, strong: Collection[UUID]) -> list[UUID]:
    """Weak identities that came into their hands from somebody else's."""
    return [r["identity_id"] for r in await tx.fetch(_SHARED_BY, tx.workspace_id, list(strong))]


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


async def save_spans(tx: Tx, spans: Mapping[UUID, Sequence[Span]], since: Mapping[UUID, int]) -> None:
    """Replaces the owners from each weak identity's `since` on."""
    ids = list(spans)
    if not ids:
        return
    buckets = [bucket_of(i) for i in ids]
    await tx.execute(_FORGET_SPANS, tx.workspace_id, buckets, ids, [from_ms(since[i]) for i in ids])
    rows = [(bucket_of(i), i, from_ms(s.start or 0), s.owner) for i in ids for s in spans[i]]
    if rows:
        await tx.execute(_ADD_SPANS, tx.workspace_id, *columns(rows, 4))


def _edge(row: Any) -> Edge:
    if row["rule_id"] is not None:
        return Edge(row["low_id"], row["high_id"], row["ruled"], str(row["rule_id"]), by_hand=True)
    return Edge(row["low_id"], row["high_id"], row["at"], row["message_id"])


def _refusal(row: Any) -> Refusal | None:
    return Refusal(row["refused"], row["detail"]) if row["refused"] else None


def _logins(rows: Iterable[Any]) -> dict[UUID, list[Login]]:
    found: dict[UUID, list[Login]] = {}
    for r in rows:
        key = (r["type"], r["scope"], r["value_key"])
        seen = Seen(*(Login(at, key, r["owner_id"]) for at in (r["first"], r["last"])))
        found.setdefault(r["identity_id"], []).extend(seen.logins)
    return found


MEMBER = f"""m.identity_id, m.profile_id, m.profile_no, m.version, m.through, m.owner,
       CASE WHEN m.owned_since IS NULL THEN 0 ELSE {milliseconds("m.owned_since")} END AS since"""
"""A Member's fields, in order."""
_KEYS = "unnest($2::smallint[], $3::uuid[]) AS k (bucket, id)"
_NEWS = f"""
SELECT k.low, k.high
FROM unnest($2::smallint[], $3::uuid[], $4::uuid[], $5::bigint[], $6::text[]) AS k (bucket, low, high, at, message)
LEFT JOIN LATERAL (
  SELECT event_time, message_id FROM edges
  WHERE workspace_id = $1 AND bucket = k.bucket AND low_id = k.low AND high_id = k.high OFFSET 0
) e ON true
WHERE e.event_time IS NULL OR ({moment("k.at")}, k.message COLLATE "C") < (e.event_time, e.message_id COLLATE "C")
"""
# Of what the release before wrote only the minute is known.
_FIRST, _LAST = "coalesce(l.first_at, l.at)", "coalesce(l.last_at, l.at)"
# Held first, in key order: what nobody reads of a WITH comes last.
_ADD_LOGINS = f"""
WITH said AS (
  INSERT INTO logins AS l (workspace_id, bucket, identity_id, at, owner_id, first_at, last_at)
  SELECT $1, b, i, {moment("t")}, o, {moment("first")}, {moment("last")}
  FROM unnest($2::smallint[], $3::uuid[], $4::bigint[], $5::uuid[], $6::bigint[], $7::bigint[]) AS k (b, i, t, o, first, last)
  ON CONFLICT (workspace_id, bucket, identity_id, at, owner_id) DO UPDATE
  SET first_at = least({_FIRST}, excluded.first_at), last_at = greatest({_LAST}, excluded.last_at)
  WHERE {_FIRST} > excluded.first_at OR {_LAST} < excluded.last_at
), held AS MATERIALIZED (
  SELECT m.*, k.version AS known FROM unnest($8::smallint[], $9::uuid[], $10::bigint[]) AS k (bucket, identity_id, version)
  CROSS JOIN LATERAL (
    SELECT * FROM memberships WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.identity_id
      AND valid_to = 'infinity' FOR NO KEY UPDATE
  ) m
)
SELECT {MEMBER} FROM held m WHERE version <> known
"""
_DESCRIBE = f"""
SELECT i.type, i.scope, i.value_key, n.identity_no, a.state,
       EXISTS (SELECT FROM never_links WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.id), {MEMBER}
FROM {_KEYS}
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
SELECT e.* FROM {_KEYS} CROSS JOIN LATERAL (
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
_LOGIN = f"""
SELECT l.identity_id, {milliseconds(_FIRST)} AS first, {milliseconds(_LAST)} AS last, l.owner_id,
       i.type, i.scope, i.value_key
"""
_OWNER_KEY = """
CROSS JOIN LATERAL (
  SELECT type, scope, value_key FROM identifiers WHERE workspace_id = $1 AND identity_id = l.owner_id LIMIT 1
) i
"""
_FIRSTS = f"""
{_LOGIN} FROM {_KEYS} CROSS JOIN LATERAL (
  SELECT identity_id, at, first_at, last_at, owner_id FROM logins
  WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.id ORDER BY at LIMIT $4
) l {_OWNER_KEY}
"""
_LOGINS = f"""
{_LOGIN} FROM unnest($2::smallint[], $3::uuid[], $4::timestamptz[]) AS k (bucket, id, since) CROSS JOIN LATERAL (
  SELECT identity_id, at, first_at, last_at, owner_id FROM logins
  WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.id AND at >= k.since OFFSET 0
) l {_OWNER_KEY}
"""
_OWNED = "SELECT identity_id, valid_from, owner_id FROM ownerships WHERE workspace_id = $1 AND bucket = k.bucket AND identity_id = k.id"
_SPANS = f"""
SELECT o.identity_id, {milliseconds("o.valid_from")} AS start, o.owner_id
FROM unnest($2::smallint[], $3::uuid[], $4::timestamptz[]) AS k (bucket, id, since) CROSS JOIN LATERAL (
  (
    {_OWNED} AND valid_from < coalesce(k.since, 'infinity') ORDER BY valid_from DESC LIMIT 1
  ) UNION ALL (
    {_OWNED} AND valid_from >= k.since ORDER BY valid_from
  )
) o
"""
_OWNERS_AT = f"""
SELECT o.owner_id
FROM unnest($2::smallint[], $3::uuid[], $4::timestamptz[]) WITH ORDINALITY AS k (bucket, id, at, n) LEFT JOIN LATERAL (
  {_OWNED} AND valid_from <= k.at ORDER BY valid_from DESC LIMIT 1
) o ON true ORDER BY k.n
"""
_ATTACHED = """
SELECT DISTINCT ON (m.through) m.through, i.identity_no, m.identity_id
FROM unnest($2::uuid[]) AS k (id) CROSS JOIN LATERAL (
  SELECT through, bucket, identity_id FROM memberships WHERE workspace_id = $1 AND through = k.id OFFSET 0
) m CROSS JOIN LATERAL (
  SELECT identity_no FROM identities WHERE workspace_id = $1 AND bucket = m.bucket AND identity_id = m.identity_id OFFSET 0
) i
WHERE m.identity_id <> ALL($3::uuid[])
ORDER BY m.through, i.identity_no
"""
_WEAK_OF = """
SELECT m.identity_id FROM unnest($2::uuid[]) AS k (id) CROSS JOIN LATERAL (
  SELECT identity_id FROM memberships WHERE workspace_id = $1 AND through = k.id OFFSET 0
) m
"""
_SHARED_BY = """
SELECT DISTINCT o.identity_id FROM unnest($2::uuid[]) AS k (id) CROSS JOIN LATERAL (
  SELECT identity_id FROM ownerships WHERE workspace_id = $1 AND owner_id = k.id OFFSET 0
) o
"""
_NEVER = f"""
SELECT n.rule_id, n.is_left, n.identity_id FROM never_links n
WHERE n.workspace_id = $1 AND n.rule_id = ANY(ARRAY(
  SELECT o.rule_id FROM {_KEYS} CROSS JOIN LATERAL (
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
_FORGET_SPANS = """
DELETE FROM ownerships o USING unnest($2::smallint[], $3::uuid[], $4::timestamptz[]) AS k (bucket, id, since)
WHERE o.workspace_id = $1 AND o.bucket = k.bucket AND o.identity_id = k.id AND o.valid_from >= k.since
"""
_ADD_SPANS = """
INSERT INTO ownerships (workspace_id, bucket, identity_id, valid_from, owner_id)
SELECT $1, * FROM unnest($2::smallint[], $3::uuid[], $4::timestamptz[], $5::uuid[]) ON CONFLICT DO NOTHING
"""
