"""Which events have been kept long enough."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

OTHERS = ""
"""The name under which days of all events without their own are stated."""
MOST_DAYS = 36_500


class Kept(NamedTuple):
    event_id: UUID
    name: str
    at: datetime


def outlived(events: Iterable[Kept], days: Mapping[str, int], now: datetime) -> list[UUID]:
    """`days` by event name; 0 is for ever."""
    others = days.get(OTHERS, 0)
    return [
        event.event_id
        for event in events
        if (kept := days.get(event.name, others)) and event.at < now - timedelta(days=kept)
    ]


def last_cut(days: Mapping[str, int], now: datetime) -> datetime | None:
    """No event from here on is to go; None when everything is kept for ever."""
    shortest = min((kept for kept in days.values() if kept), default=0)
    return now - timedelta(days=shortest) if shortest else None
