"""Log-ins with weak identifiers, and whose these are, and were.

Keys are looked up one by one (`CROSS JOIN LATERAL`), as in `identifiers`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.clock import from_ms
from chassis.database import Tx, columns
from chassis.ids import bucket_of

from profile_service.domain.identity import Member, Name
from profile_service.domain.ownership import Login, Seen, Span, minute_of
from profile_service.store.graph import KEYS, MEMBER
from profile_service.store.moments import milliseconds, moment

MAX_FIRSTS = 20
"""Earliest log-ins that are looked at to find a weak identifier's first owner; those barred by hand are skipped."""


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


async def devices_of(tx: Tx, owners: Collection[UUID]) -> list[UUID]:
    """Weak identities that these strong ones were ever seen with. Looks at every log-in of the workspace: for what
    happens now and then."""
    rows = await tx.fetch(_DEVICES_OF, tx.workspace_id, list(owners)) if owners else []
    return [r["identity_id"] for r in rows]


def _logins(rows: Iterable[Any]) -> dict[UUID, list[Login]]:
    found: dict[UUID, list[Login]] = {}
    for r in rows:
        key = (r["type"], r["scope"], r["value_key"])
        seen = Seen(*(Login(at, key, r["owner_id"]) for at in (r["first"], r["last"])))
        found.setdefault(r["identity_id"], []).extend(seen.logins)
    return found


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
{_LOGIN} FROM {KEYS} CROSS JOIN LATERAL (
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
_FORGET_SPANS = """
DELETE FROM ownerships o USING unnest($2::smallint[], $3::uuid[], $4::timestamptz[]) AS k (bucket, id, since)
WHERE o.workspace_id = $1 AND o.bucket = k.bucket AND o.identity_id = k.id AND o.valid_from >= k.since
"""
_ADD_SPANS = """
INSERT INTO ownerships (workspace_id, bucket, identity_id, valid_from, owner_id)
SELECT $1, * FROM unnest($2::smallint[], $3::uuid[], $4::timestamptz[], $5::uuid[]) ON CONFLICT DO NOTHING
"""
_DEVICES_OF = "SELECT DISTINCT identity_id FROM logins WHERE workspace_id = $1 AND owner_id = ANY($2::uuid[])"
