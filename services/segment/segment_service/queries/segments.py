"""Segments and their members, as they are listed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import people
from chassis.database import Tx

from segment_service.store import memberships, segments


@dataclass(frozen=True, slots=True)
class Sized:
    row: segments.Row
    size: int
    """Members now."""


async def get_segment(tx: Tx, segment_id: str) -> Sized:
    return (await _sized(tx, [await segments.get(tx, segment_id)]))[0]


async def list_segments(tx: Tx, before: tuple[datetime, str] | None, limit: int) -> list[Sized]:
    """Newest first."""
    return await _sized(tx, await segments.page(tx, before, limit))


async def list_members(
    tx: Tx, segment_id: str, after_no: int, limit: int
) -> list[tuple[UUID, int, datetime]]:
    await segments.get(tx, segment_id)
    return await memberships.page(tx, segment_id, after_no, limit)


async def list_of_person(tx: Tx, profile_id: UUID, limit: int) -> list[tuple[str, str, datetime]]:
    """(segment id, name, when they entered), entered last first; also by the id of somebody merged since."""
    today = await people.resolve(tx, [profile_id])
    if profile_id not in today:
        return []
    return await memberships.of_person(tx, today[profile_id].profile_id, limit)


async def _sized(tx: Tx, rows: list[segments.Row]) -> list[Sized]:
    sizes = await memberships.count(tx, [row.segment_id for row in rows])
    return [Sized(row, sizes.get(row.segment_id, 0)) for row in rows]
