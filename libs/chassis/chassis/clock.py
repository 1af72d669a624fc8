"""Time is an argument: a service takes a Clock, planners take the moment itself."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    def now(self) -> datetime:
        """The present moment, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        self._at += by


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970, rounded down; exact, unlike float arithmetic on timestamp()."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


def from_ms(ms: int) -> datetime:
    # Whole numbers in timedelta's own units: four times as fast as its `milliseconds`, and batches do it a lot.
    return _EPOCH + timedelta(0, ms // 1000, ms % 1000 * 1000)
