"""Names of events and traits that a workspace was ever heard to use: what rules can be about."""

from collections.abc import Collection, Iterable
from typing import Literal, TypeAlias
from uuid import UUID

from chassis.database import Tx

Kind: TypeAlias = Literal["event", "trait"]
Name: TypeAlias = tuple[Kind, str]

MOST_CHARS = 256
"""A longer name is not kept: nobody picks it from a list."""
MOST_NAMES = 10_000
"""Names of one workspace that a process looks after; a caller that sends random ones must not fill the table."""


class KnownNames:
    """Writes a name when it is new. What is known to be stored is kept in memory, so that a batch without news costs
    no statement."""

    def __init__(self) -> None:
        self._stored: dict[UUID, set[Name]] = {}

    async def note(self, tx: Tx, names: Iterable[Name]) -> None:
        stored = self._stored.setdefault(tx.workspace_id, set())
        news = {n for n in names if n not in stored and len(n[1]) <= MOST_CHARS} if names else set()
        if not news or len(stored) >= MOST_NAMES:
            return
        ordered = sorted(news)
        rows = await tx.fetch(
            _NOTE, tx.workspace_id, [kind for kind, _ in ordered], [name for _, name in ordered]
        )
        # One that was just inserted may yet be rolled back; one that was there before stays.
        stored |= news - {(kind, name) for kind, name in rows}


async def among(tx: Tx, kind: Kind, names: Collection[str]) -> set[str]:
    """Which of these are known."""
    rows = await tx.fetch(_AMONG, tx.workspace_id, kind, list(names))
    return {name for (name,) in rows}


async def page(tx: Tx, kind: Kind, prefix: str, after: str, limit: int) -> list[str]:
    """In code point order, from behind `after`."""
    rows = await tx.fetch(_PAGE, tx.workspace_id, kind, prefix, after, limit)
    return [name for (name,) in rows]


_NOTE = """
INSERT INTO known_names (workspace_id, kind, name)
SELECT $1, kind, name FROM unnest($2::text[], $3::text[]) AS r (kind, name)
ON CONFLICT DO NOTHING RETURNING kind, name
"""
_AMONG = "SELECT name FROM known_names WHERE workspace_id = $1 AND kind = $2 AND name = ANY($3::text[])"
_PAGE = """
SELECT name FROM known_names
WHERE workspace_id = $1 AND kind = $2 AND name >= $3 AND name > $4 AND name ^@ $3 ORDER BY name LIMIT $5
"""
