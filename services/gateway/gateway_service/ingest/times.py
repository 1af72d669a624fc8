"""Times as callers write them, and the moment an event happened on our clock. Seconds and microseconds since 1970
are held in a timedelta: unlike datetime it cannot overflow on year 1 with an offset."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FUTURE = timedelta(hours=24)
HISTORICAL_AFTER = timedelta(hours=1)
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC) - EPOCH


class NotATime(ValueError):
    """The value cannot be read as a moment."""


def parse(value: object) -> datetime | None:
    """ISO 8601 in any of its usual forms; None and the empty string mean absent. NotATime for the rest."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise NotATime("not a string")
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise NotATime("not ISO 8601") from error


def since_epoch(moment: datetime) -> timedelta:
    """A time without an offset is UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH


def happened(
    accepted: timedelta, stated: datetime | None, original: datetime | None, sent: datetime | None
) -> timedelta:
    """When the event happened on our clock: the caller's clock is off by (sent − accepted). A time stated beside the
    original one was chosen with it in hand, by the caller (RudderStack Node adds the moment of the call as original)
    or by a server that has corrected the skew: it holds as it is. NotATime outside the years a moment can have."""
    told = stated or original
    if told is None:
        return accepted
    moment = since_epoch(told)
    if sent is not None and not (stated and original):
        moment = accepted - (since_epoch(sent) - moment)
    if moment < _EARLIEST:
        raise NotATime("before year 1")
    return moment
