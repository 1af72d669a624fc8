"""Stores a segment and asks for its members to be found."""

from datetime import datetime

from chassis import workspace_lock
from chassis.database import Tx
from chassis.errors import InvalidArgument
from rules import Rule, render

from segment_service.store import builds, segments

NAME_MAX = 200
"""Characters."""


async def create_segment(tx: Tx, segment_id: str, name: str, rule: Rule, now: datetime) -> segments.Row:
    row = segments.Row(segment_id, name, render(rule), 1, "building", now)
    # Without it a build could miss a person whom a batch that knows only the old catalogue is just inserting.
    await workspace_lock.take_alone(tx)
    await segments.insert(tx, row)
    await builds.start(tx, segment_id, now)
    return row


def checked_name(name: str) -> str:
    clean = name.strip()
    if not clean or len(clean) > NAME_MAX or not clean.isprintable():
        raise InvalidArgument(
            f"name must be 1 to {NAME_MAX} characters without control characters", field="name"
        )
    return clean
