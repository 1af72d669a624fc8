"""Words by which recipients opt out."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from chassis.database import Tx

from dispatch_service.domain.opt_out_words import SHIPPED


class OptOutWords(NamedTuple):
    words: frozenset[str]
    updated_at: datetime | None
    """None: those that are shipped."""


async def in_force(tx: Tx) -> OptOutWords:
    row = await tx.fetchrow(_IN_FORCE, tx.workspace_id)
    return OptOutWords(frozenset(row["words"]), row["updated_at"]) if row else OptOutWords(SHIPPED, None)


async def put(tx: Tx, words: Collection[str], now: datetime) -> None:
    await tx.execute(_PUT, tx.workspace_id, sorted(words), now)


async def forget(tx: Tx) -> None:
    """Those that are shipped are in force again."""
    await tx.execute(_FORGET, tx.workspace_id)


_IN_FORCE = "SELECT words, updated_at FROM opt_out_words WHERE workspace_id = $1"
_PUT = """
INSERT INTO opt_out_words (workspace_id, words, updated_at) VALUES ($1, $2, $3)
ON CONFLICT (workspace_id) DO UPDATE SET words = excluded.words, updated_at = excluded.updated_at
"""
_FORGET = "DELETE FROM opt_out_words WHERE workspace_id = $1"
