"""Journeys and their published versions, parsed once and kept while nothing is published."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from chassis.database import Database, Tx

from journey_service.domain.definition import Definition, parse_definition


class Publication(NamedTuple):
    at: datetime
    version: int


Publications = Sequence[Publication]
"""Every version of one journey, oldest first."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a workspace has published: every version (runs may be inside) and which journeys take people now."""

    definitions: Mapping[tuple[str, int], Definition]
    open: Mapping[str, Publications]
    """Of journeys that are active."""
    paused: Mapping[str, Publications]
    """Of journeys that take nobody now."""
    event_names: frozenset[str]
    """Events that can start or move any run."""


class Definitions:
    """Parsed versions never change; which journeys are open is read each time, in one small query."""

    def __init__(self) -> None:
        self._parsed: dict[tuple[UUID, str, int], Definition] = {}
        self._published: dict[UUID, tuple[Any, Published]] = {}

    async def lately(self, database: Database, workspace_id: UUID) -> Published:
        """What was published when last seen: enough for whoever looks again before anything is decided."""
        cached = self._published.get(workspace_id)
        if cached is not None:
            return cached[1]
        async with database.transaction(workspace_id) as tx:
            return await self.load(tx)

    async def of_versions(
        self, tx: Tx, versions: Iterable[tuple[str, int]]
    ) -> Mapping[tuple[str, int], Definition]:
        """These definitions. They never change, so that one that was read is not read again."""
        wanted = set(versions)
        if any((tx.workspace_id, *version) not in self._parsed for version in wanted):
            await self.load(tx)
        return {version: self._parsed[tx.workspace_id, *version] for version in wanted}

    async def load(self, tx: Tx) -> Published:
        """What is published now; stays so until the transaction ends if it shares the workspace's lock."""
        state = await tx.fetch(
            "SELECT journey_id, version, state FROM journeys WHERE workspace_id = $1 AND version > 0 ORDER BY 1",
            tx.workspace_id,
        )
        seen = [tuple(r) for r in state]
        cached = self._published.get(tx.workspace_id)
        if cached is not None and cached[0] == seen:
            return cached[1]
        versions = await tx.fetch(
            "SELECT journey_id, version, definition, published_at FROM journey_versions WHERE workspace_id = $1 "
            "ORDER BY journey_id, version",
            tx.workspace_id,
        )
        definitions = {
            (r["journey_id"], r["version"]): self._definition(tx.workspace_id, r) for r in versions
        }
        publications: dict[str, list[Publication]] = {}
        for r in versions:
            publications.setdefault(r["journey_id"], []).append(Publication(r["published_at"], r["version"]))
        by_state = {
            wanted: {journey_id: publications[journey_id] for journey_id, _, state in seen if state == wanted}
            for wanted in ("active", "paused")
        }
        published = Published(
            definitions,
            by_state["active"],
            by_state["paused"],
            frozenset().union(*(d.event_names() for d in definitions.values())),
        )
        self._published[tx.workspace_id] = (seen, published)
        return published

    def _definition(self, workspace_id: UUID, row: Any) -> Definition:
        key = (workspace_id, row["journey_id"], row["version"])
        if key not in self._parsed:
            self._parsed[key] = parse_definition(row["definition"])
        return self._parsed[key]


async def insert(tx: Tx, journey_id: str, name: str, draft: Any, now: datetime) -> None:
    await tx.execute(
        "INSERT INTO journeys (workspace_id, journey_id, name, state, version, draft, created_at, updated_at) "
        "VALUES ($1, $2, $3, 'draft', 0, $4, $5, $5)",
        tx.workspace_id, journey_id, name, draft, now,
    )  # fmt: skip


async def get(tx: Tx, journey_id: str, *, lock: bool = False) -> Any:
    """The journey's row or None."""
    return await tx.fetchrow(
        f"SELECT * FROM journeys WHERE workspace_id = $1 AND journey_id = $2 {'FOR UPDATE' if lock else ''}",
        tx.workspace_id,
        journey_id,
    )


async def page(tx: Tx, before: str | None, limit: int) -> list[Any]:
    return await tx.fetch(
        "SELECT * FROM journeys WHERE workspace_id = $1 AND ($2::text IS NULL OR journey_id < $2) "
        "ORDER BY journey_id DESC LIMIT $3",
        tx.workspace_id, before, limit,
    )  # fmt: skip


async def publish(tx: Tx, journey_id: str, version: int, definition: Any, now: datetime) -> None:
    await tx.execute(
        "INSERT INTO journey_versions (workspace_id, journey_id, version, definition, published_at) "
        "VALUES ($1, $2, $3, $4, $5)",
        tx.workspace_id, journey_id, version, definition, now,
    )  # fmt: skip
    await _set(tx, journey_id, "active", version, now)


async def set_state(tx: Tx, journey_id: str, state: str, version: int, now: datetime) -> None:
    await _set(tx, journey_id, state, version, now)


async def _set(tx: Tx, journey_id: str, state: str, version: int, now: datetime) -> None:
    await tx.execute(
        "UPDATE journeys SET state = $3, version = $4, updated_at = $5, revision = revision + 1 "
        "WHERE workspace_id = $1 AND journey_id = $2",
        tx.workspace_id, journey_id, state, version, now,
    )  # fmt: skip
