"""Dates in data read on the person's calendar, for operators that ask the clock.

A full-date is then the day as the person lives it, from midnight in their zone, where the plain comparisons take it
for midnight UTC: "birthday this month" must not begin the evening before.
"""

from datetime import UTC, date, datetime, tzinfo

from rules._instants import instant_of, is_full_date, local_of, midnight


def instant_in(zone: tzinfo, data: object) -> int | None:
    """The instant that a piece of data names; None if it names none."""
    if not isinstance(data, str):
        return None
    if not is_full_date(data):
        return instant_of(data)
    return midnight(date.fromisoformat(data), zone)


def local_in(zone: tzinfo, data: object) -> datetime | None:
    """What the person's clocks show at the instant that a piece of data names; None if it names none."""
    if not isinstance(data, str):
        return None
    if is_full_date(data):
        return datetime.fromisoformat(data).replace(tzinfo=UTC)  # the day itself, whatever the zone
    instant = instant_of(data)
    return None if instant is None else local_of(instant, zone)
