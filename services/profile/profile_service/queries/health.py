"""Counts of a whole workspace. Of a large one they are estimates from some buckets, which hold a share of everybody that
nothing but a hash has chosen."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from chassis.database import Tx

BUCKETS = 256
SAMPLE = 200_000
"""Identities that are counted one by one; of a workspace that has drawn more numbers about as many, a bucket at least."""


class Health(NamedTuple):
    profiles: int
    identities: int
    merges: int
    events: int
    dead_letters: int
    """Counted, however many."""
    sizes: Mapping[int, int]
    """People by their number of identities; 10 stands for more, too."""
    share: float
    """Of the buckets that were counted: 1 when nothing is an estimate."""


async def health(tx: Tx, sample: int = SAMPLE) -> Health:
    buckets = await _buckets(tx, sample)
    share = len(buckets) / BUCKETS
    row = await tx.fetchrow(_HEALTH, tx.workspace_id, buckets)
    sizes = {int(size): round(people / share) for size, people in row["sizes"].items()}
    profiles, identities, merges, events = (
        round(row[name] / share) for name in ("profiles", "identities", "merges", "events")
    )
    return Health(profiles, identities, merges, events, row["dead_letters"], sizes, share)


async def well_known(tx: Tx, strong: Sequence[str], sample: int = SAMPLE) -> int:
    """People with two identifiers of these types or more."""
    buckets = await _buckets(tx, sample)
    found: int = await tx.fetchval(_WELL_KNOWN, tx.workspace_id, buckets, strong)
    return round(found * BUCKETS / len(buckets))


async def _buckets(tx: Tx, sample: int) -> list[int]:
    drawn: Any = await tx.fetchval(_DRAWN, tx.workspace_id)
    return list(range(max(1, min(BUCKETS, BUCKETS * sample // max(drawn or 0, 1)))))


_DRAWN = "SELECT next_no - 1 FROM number_blocks WHERE workspace_id = $1"
# A person is named by one of their identities, whose row therefore stands for them.
_PEOPLE = """
FROM memberships p WHERE p.workspace_id = $1 AND p.bucket = ANY($2::smallint[]) AND p.identity_id = p.profile_id
  AND p.valid_to = 'infinity'
"""
_HEALTH = f"""
WITH people AS (
  SELECT (
    SELECT count(*) FROM memberships m
    WHERE m.workspace_id = $1 AND m.profile_id = p.profile_id AND m.valid_to = 'infinity'
  ) AS size {_PEOPLE}
), sizes AS (SELECT least(size, 10) AS size, count(*) AS people FROM people GROUP BY 1)
SELECT (SELECT coalesce(sum(people), 0)::bigint FROM sizes) AS profiles,
       (SELECT count(*) FROM identities WHERE workspace_id = $1 AND bucket = ANY($2::smallint[])) AS identities,
       (SELECT count(*) FROM merges WHERE workspace_id = $1 AND bucket = ANY($2::smallint[])) AS merges,
       (SELECT count(*) FROM events WHERE workspace_id = $1 AND bucket = ANY($2::smallint[])) AS events,
       (SELECT count(*) FROM dead_letters WHERE workspace_id = $1) AS dead_letters,
       (SELECT coalesce(jsonb_object_agg(size, people), '{{}}') FROM sizes) AS sizes
"""
_WELL_KNOWN = f"""
SELECT count(*) {_PEOPLE} AND (
  SELECT count(*) FROM memberships m JOIN identifiers i ON i.workspace_id = $1 AND i.identity_id = m.identity_id
  WHERE m.workspace_id = $1 AND m.profile_id = p.profile_id AND m.valid_to = 'infinity' AND i.type = ANY($3::text[])
) > 1
"""
