"""Lengths of time as operators write them: 10s 45m 12h 30d 8w."""

import re
from datetime import timedelta

_FORM = re.compile(r"([0-9]{1,6})(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LONGEST = timedelta(days=365)
SCHEMA = {"type": "string", "pattern": r"^[0-9]{1,6}(s|m|h|d|w)$", "examples": ["45m", "12h", "30d"]}


def parse_duration(text: object) -> timedelta | None:
    """None when it is not one, is zero, or is longer than a year."""
    found = _FORM.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    length = timedelta(**{_UNITS[found[2]]: int(found[1])})
    return length if timedelta(0) < length <= LONGEST else None
