"""Sources: what they are worth, when they were last heard of, how much they send."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from chassis.database import Tx

DAYS_SHOWN = 7
DAYS_KEPT = 35


async def add_calls(tx: Tx, calls: Mapping[tuple[str, date], int], last: Mapping[str, datetime]) -> None:
    """`calls` by source and day."""
    days = sorted(calls)
    await tx.execute(_SEEN, tx.workspace_id, sorted(last), [last[name] for name in sorted(last)])
    await tx.execute(
        _ADD, tx.workspace_id, [n for n, _ in days], [d for _, d in days], [calls[key] for key in days]
    )
    newest = max(day for _, day in days)
    await tx.execute(_FORGET, tx.workspace_id, newest, DAYS_KEPT)


async def put(tx: Tx, name: str, priority: int, verified: bool, expected_every_s: int) -> None:
    await tx.execute(_PUT, tx.workspace_id, name, priority, verified, expected_every_s)


async def page(tx: Tx, after: str, today: date, limit: int) -> list[Any]:
    return await tx.fetch(_PAGE, tx.workspace_id, after, today, DAYS_SHOWN, limit)


async def get(tx: Tx, name: str, today: date) -> Any:
    return await tx.fetchrow(f"{_SELECT} AND s.name = $2", tx.workspace_id, name, today, DAYS_SHOWN)


async def put_trait_rule(tx: Tx, name: str, keep_all: bool) -> None:
    await tx.execute(_PUT_TRAIT, tx.workspace_id, name, keep_all)


async def trait_rules(tx: Tx, after: str, limit: int) -> list[Any]:
    return await tx.fetch(_TRAITS, tx.workspace_id, after, limit)


_SEEN = """
INSERT INTO sources (workspace_id, name, last_seen)
SELECT $1, * FROM unnest($2::text[], $3::timestamptz[])
ON CONFLICT (workspace_id, name) DO UPDATE SET last_seen = greatest(sources.last_seen, excluded.last_seen)
"""
_ADD = """
INSERT INTO source_days (workspace_id, name, day, calls)
SELECT $1, * FROM unnest($2::text[], $3::date[], $4::bigint[])
ON CONFLICT (workspace_id, name, day) DO UPDATE SET calls = source_days.calls + excluded.calls
"""
_FORGET = "DELETE FROM source_days WHERE workspace_id = $1 AND day < $2::date - $3::int"
_PUT = """
INSERT INTO sources (workspace_id, name, priority, verified, expected_every_s) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (workspace_id, name) DO UPDATE
SET priority = excluded.priority, verified = excluded.verified, expected_every_s = excluded.expected_every_s
"""
_SELECT = """
SELECT s.name, s.priority, s.verified, s.expected_every_s, s.last_seen, coalesce((
  SELECT jsonb_agg(jsonb_build_array(d.day, d.calls) ORDER BY d.day DESC) FROM source_days d
  WHERE d.workspace_id = $1 AND d.name = s.name AND d.day > $3::date - $4::int
), '[]') AS days
FROM sources s WHERE s.workspace_id = $1
"""
_PAGE = f"{_SELECT} AND s.name > $2 ORDER BY s.name LIMIT $5"
_PUT_TRAIT = """
INSERT INTO trait_rules (workspace_id, name, keep_all) VALUES ($1, $2, $3)
ON CONFLICT (workspace_id, name) DO UPDATE SET keep_all = excluded.keep_all
"""
_TRAITS = """
SELECT name, keep_all FROM trait_rules WHERE workspace_id = $1 AND name > $2 ORDER BY name LIMIT $3
"""
