"""Segments as rows, and the compiled catalogue of each workspace, kept between batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.database import Tx
from chassis.errors import NotFound
from rules import Rule, parse

from segment_service.domain.catalogue import Catalogue, Compiled


@dataclass(frozen=True, slots=True)
class Row:
    segment_id: str
    name: str
    rule: Any
    version: int
    state: str
    created_at: datetime

    @property
    def parsed(self) -> Rule:
        return parse(self.rule)

    @property
    def compiled(self) -> Compiled:
        return Compiled.of(self.segment_id, self.version, self.state == "building", self.parsed)


async def insert(tx: Tx, row: Row) -> None:
    await tx.execute(
        _INSERT,
        tx.workspace_id,
        row.segment_id,
        row.name,
        row.rule,
        row.version,
        row.state,
        row.created_at,
    )


async def get(tx: Tx, segment_id: str) -> Row:
    found = await tx.fetchrow(_GET, tx.workspace_id, segment_id)
    if found is None:
        raise NotFound("there is no segment with this id", kind="segment", id=segment_id)
    return Row(*found)


async def page(tx: Tx, before: tuple[datetime, str] | None, limit: int) -> list[Row]:
    """Newest first."""
    if before is None:
        return [Row(*r) for r in await tx.fetch(_FIRST_PAGE, tx.workspace_id, limit)]
    return [Row(*r) for r in await tx.fetch(_NEXT_PAGE, tx.workspace_id, *before, limit)]


async def activate(tx: Tx, segment_id: str) -> None:
    await tx.execute(_ACTIVATE, tx.workspace_id, segment_id)


class Catalogues:
    """The compiled segments of each workspace. One small query a transaction says whether they are still current."""

    def __init__(self) -> None:
        self._cached: dict[UUID, tuple[Sequence[int], Catalogue]] = {}

    async def current(self, tx: Tx) -> Catalogue:
        """The catalogue now; stays so until the transaction ends if it shares the workspace's lock."""
        mark = tuple(await tx.fetchrow(_MARK, tx.workspace_id))
        cached = self._cached.get(tx.workspace_id)
        if cached is not None and cached[0] == mark:
            return cached[1]
        rows = [Row(*r) for r in await tx.fetch(_ALL, tx.workspace_id)]
        catalogue = Catalogue(row.compiled for row in rows)
        self._cached[tx.workspace_id] = (mark, catalogue)
        return catalogue


_COLUMNS = "segment_id, name, rule, version, state, created_at"
_INSERT = f"INSERT INTO segments (workspace_id, {_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)"
_GET = f"SELECT {_COLUMNS} FROM segments WHERE workspace_id = $1 AND segment_id = $2"
_ALL = f"SELECT {_COLUMNS} FROM segments WHERE workspace_id = $1 ORDER BY segment_id"
_FIRST_PAGE = f"""
SELECT {_COLUMNS} FROM segments WHERE workspace_id = $1 ORDER BY created_at DESC, segment_id DESC LIMIT $2
"""
_NEXT_PAGE = f"""
SELECT {_COLUMNS} FROM segments WHERE workspace_id = $1 AND (created_at, segment_id) < ($2, $3)
ORDER BY created_at DESC, segment_id DESC LIMIT $4
"""
_ACTIVATE = "UPDATE segments SET state = 'active' WHERE workspace_id = $1 AND segment_id = $2"
_MARK = """
SELECT count(*), count(*) FILTER (WHERE state = 'active'), coalesce(sum(version), 0)
FROM segments WHERE workspace_id = $1
"""
