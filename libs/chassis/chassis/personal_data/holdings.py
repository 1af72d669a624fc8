"""One kind of row that tells of people, and the SQL that reads and removes it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from chassis.crypto import WorkspaceCipher
from chassis.database import Tx
from chassis.ids import bucket_of

Render: TypeAlias = Callable[[Any, WorkspaceCipher | None], Mapping[str, Any]]


def as_it_is(row: Any, _cipher: WorkspaceCipher | None) -> Mapping[str, Any]:
    return dict(row)


@dataclass(frozen=True, slots=True)
class Holding:
    """SQL sees `mine` (bucket, identity_id), all identities of the person, and $1, the workspace. A person's ids are
    those of their identities, so `mine` are also all profile ids that they ever had."""

    section: str
    read: str = ""
    """SELECT … ORDER BY …; empty for what is derived from other sections, or tells nothing by itself."""
    erase: str = ""
    """DELETE or UPDATE. It runs twice, and the second time finds nothing."""
    unlink: str = ""
    """UPDATE of rows that stay to be counted: the last time that they are found by the person's identities."""
    busy: str = ""
    """SELECT of whatever has to end before the rows may be looked at for the last time."""
    render: Render = as_it_is
    """What is shown of a row that was read."""


async def page(tx: Tx, holding: Holding, ids: Sequence[UUID], offset: int, size: int) -> list[Any]:
    return await tx.fetch(f"{_MINE} {holding.read} OFFSET $4 LIMIT $5", *_mine(tx, ids), offset, size)


async def erase(tx: Tx, holdings: Collection[Holding], ids: Sequence[UUID]) -> dict[str, int]:
    """Section → rows removed or emptied."""
    counts: dict[str, int] = {}
    for holding in holdings:
        if holding.erase:
            tag = await tx.execute(f"{_MINE} {holding.erase}", *_mine(tx, ids))
            counts[holding.section] = counts.get(holding.section, 0) + int(tag.rsplit(" ", 1)[1])
    return counts


async def unlink(tx: Tx, holdings: Collection[Holding], ids: Sequence[UUID]) -> None:
    for holding in holdings:
        if holding.unlink:
            await tx.execute(f"{_MINE} {holding.unlink}", *_mine(tx, ids))


async def is_busy(tx: Tx, holdings: Collection[Holding], ids: Sequence[UUID]) -> bool:
    for holding in holdings:
        if holding.busy and await tx.fetchval(f"{_MINE} SELECT EXISTS ({holding.busy})", *_mine(tx, ids)):
            return True
    return False


def _mine(tx: Tx, ids: Sequence[UUID]) -> tuple[UUID, list[int], Sequence[UUID]]:
    return tx.workspace_id, [bucket_of(i) for i in ids], ids


_MINE = (
    "WITH mine AS MATERIALIZED "
    "(SELECT $1::uuid AS workspace_id, m.* FROM unnest($2::smallint[], $3::uuid[]) AS m (bucket, identity_id))"
)
