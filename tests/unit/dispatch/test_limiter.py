"""Slots: whoever claims, in whatever order and however late, no second is ever too full."""

from datetime import UTC, datetime, timedelta

from dispatch_service.domain.limiter import HEADROOM, HORIZON, REFILL, Grant, grant, spacing
from hypothesis import given
from hypothesis import strategies as st

START = datetime(2026, 11, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
claims = st.lists(
    st.tuples(st.integers(0, 700_000), st.integers(1, 500), st.floats(0, 1)), min_size=1, max_size=60
)
"""Microseconds since the claim before (any replica's), messages wanted, share of them that were found."""


def after(granted: Grant, used: int) -> datetime:
    """The account's next free slot, as the claim's statement stores it."""
    return granted.first + granted.spacing * used


def _taken(per_second: int, made: list[tuple[int, int, float]]) -> list[datetime]:
    now, next_slot, slots = START, START - SECOND, []
    for pause, wanted, found in made:
        now += timedelta(microseconds=pause)
        granted = grant(next_slot, now, per_second, wanted)
        used = round(granted.count * found)
        slots += granted.slots(used)
        if used:
            next_slot = after(granted, used)
    return slots


@given(st.integers(1, 5_000), claims)
def test_no_sliding_second_holds_more_than_the_limit(
    per_second: int, made: list[tuple[int, int, float]]
) -> None:
    slots = _taken(per_second, made)
    assert slots == sorted(slots)
    for index in range(per_second, len(slots)):
        assert slots[index] - slots[index - per_second] > SECOND


@given(st.integers(1, 5_000), claims)
def test_slots_lie_between_the_claim_and_the_horizon(
    per_second: int, made: list[tuple[int, int, float]]
) -> None:
    now, next_slot = START, START
    for pause, wanted, _ in made:
        now += timedelta(microseconds=pause)
        granted = grant(next_slot, now, per_second, wanted)
        assert granted.count <= wanted
        for slot in granted.slots(granted.count):
            assert now <= slot <= now + HORIZON
        if granted.count == 0:
            assert grant(next_slot, now + granted.wait, per_second, wanted).count > 0
        next_slot = after(granted, granted.count)


@given(st.integers(1, 5_000))
def test_a_busy_account_uses_the_limit_but_for_the_headroom(per_second: int) -> None:
    now, next_slot, used = START, START, 0
    while now < START + 20 * SECOND:
        granted = grant(next_slot, now, per_second, 10_000)
        used, next_slot = used + granted.count, after(granted, granted.count)
        now += granted.wait or REFILL
    assert used >= 20 * per_second * HEADROOM * 0.99 - 1


def test_spacing_is_never_rounded_down() -> None:
    assert spacing(50) * 50 * HEADROOM >= SECOND
    assert spacing(100_000) >= timedelta(microseconds=10)
