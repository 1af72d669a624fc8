"""RFC 3339 date-times and full-dates as instants: microseconds since 1970 UTC."""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?"
    r"(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d)))?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
SECOND = 1_000_000


def instant_of(text: str) -> int | None:
    """The instant a text names, None if it names none. A full-date is midnight UTC; digits past the sixth are dropped."""
    if len(text) < 10 or text[4] != "-":  # cheap no to nearly every text
        return None
    found = _RFC3339.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, off_hour, off_minute = found.groups()
    try:
        days = date(int(year), int(month), int(day)).toordinal() - _EPOCH_DAY
    except ValueError:  # 30 February, year 0
        return None
    if hour is None:
        return days * 86_400 * SECOND
    seconds = days * 86_400 + int(hour) * 3_600 + int(minute) * 60 + int(second)
    if sign:
        offset = int(off_hour) * 3_600 + int(off_minute) * 60
        seconds -= offset if sign == "+" else -offset
    return seconds * SECOND + int((fraction or "")[:6].ljust(6, "0"))


def text_of(ms: int) -> str | None:
    """Milliseconds as an RFC 3339 date-time in UTC; None outside the years 1 to 9999."""
    days, rest = divmod(ms, 86_400_000)
    try:
        day = date.fromordinal(_EPOCH_DAY + days)
    except (ValueError, OverflowError):
        return None
    seconds, millis = divmod(rest, 1_000)
    return f"{day.isoformat()}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{millis:03}Z"


def micros_of(moment: datetime) -> int:
    """An aware datetime as an instant."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def local_of(instant: int, zone: tzinfo) -> datetime | None:
    """The instant on the clocks of a zone; None outside the years that the calendar has."""
    try:
        return (_EPOCH + timedelta(microseconds=instant)).astimezone(zone)
    except (ValueError, OverflowError):
        return None


def midnight(day: date, zone: tzinfo) -> int | None:
    """The instant at which a day begins in a zone."""
    try:
        return micros_of(datetime(day.year, day.month, day.day, tzinfo=zone))
    except (ValueError, OverflowError):
        return None


def is_full_date(text: str) -> bool:
    """A day without a time, to be read on the person's calendar where the clock is asked."""
    return len(text) == 10 and instant_of(text) is not None


def rfc3339(instant: int) -> str | None:
    """An instant as an RFC 3339 date-time in UTC, to the microsecond."""
    moment = local_of(instant, UTC)
    return None if moment is None else moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
