"""What orders statements."""

from typing import NamedTuple

MOST_PRIORITY = 100
DEFAULT_PRIORITY = 50


class Stamp(NamedTuple):
    """Compared from left to right: the rank of the source, then the time, then the record, so that no two are alike."""

    rank: int
    ms: int
    """Event time, milliseconds since 1970."""
    record: str
    source: str = ""


def rank_of(priority: int, verified: bool) -> int:
    """0 for a source that nothing was said about; priority counts before verification."""
    return 2 * (priority - DEFAULT_PRIORITY) + verified
