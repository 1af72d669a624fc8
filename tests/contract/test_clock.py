"""Every clock tells UTC, to the microsecond at least as finely as the wire keeps it, and never goes back."""

from datetime import UTC, datetime, timedelta

import pytest
from chassis.clock import Clock, ManualClock, SystemClock, from_ms, to_ms

CLOCKS: list[Clock] = [SystemClock(), ManualClock(datetime(2026, 11, 1, 12, tzinfo=UTC))]


@pytest.mark.parametrize("clock", CLOCKS, ids=lambda clock: type(clock).__name__)
def test_a_clock_tells_utc_and_never_goes_back(clock: Clock) -> None:
    moments = [clock.now() for _ in range(100)]
    assert all(moment.tzinfo is UTC for moment in moments)
    assert moments == sorted(moments)
    assert abs(from_ms(to_ms(moments[0])) - moments[0]) < timedelta(milliseconds=1)


def test_a_manual_clock_moves_when_told_and_only_then() -> None:
    clock = ManualClock(datetime(2026, 11, 1, tzinfo=UTC))
    before = clock.now()
    clock.advance(timedelta(microseconds=1))
    assert clock.now() - before == timedelta(microseconds=1) == clock.now() - before
