"""Token buckets against their law: in no window is more taken than rate * window + burst, and nobody waits in vain."""

from itertools import accumulate

import pytest
from gateway_service.rate import SECOND, Buckets, Rate
from hypothesis import given, settings
from hypothesis import strategies as st

rates = st.builds(Rate, st.floats(0.01, 1e6, allow_nan=False, allow_infinity=False), st.integers(1, 500))
steps = st.lists(
    st.tuples(
        st.sampled_from((0, 1, 1000, SECOND // 1000, SECOND // 7, SECOND, 60 * SECOND)), st.integers(1, 700)
    ),
    min_size=1,
    max_size=60,
)
refused = granted = paid_off = 0


@given(rates, steps)
@settings(max_examples=300, deadline=None)
def test_no_window_holds_more_than_its_share(rate: Rate, taking: list[tuple[int, int]]) -> None:
    global refused, granted, paid_off
    buckets: Buckets[str] = Buckets(rate, 10)
    times: list[int] = []
    counts: list[int] = []
    for now, (_, count) in zip(accumulate(pause for pause, _ in taking), taking, strict=True):
        standing = buckets.take("key", now, count)
        assert 0 <= standing.left <= rate.burst
        if standing.wait:
            refused += 1
            assert buckets.take("key", now + standing.wait - 1, count).wait  # takes nothing: it is refused
        else:
            granted += 1
            paid_off += count > rate.burst
            times.append(now)
            counts.append(count)
    sums = [0, *accumulate(counts)]
    for start, since in enumerate(times):
        for end in range(start, len(times)):
            # In nanoseconds of cost, where the arithmetic is exact.
            most = times[end] - since + max(rate.burst, counts[end]) * rate.cost
            assert (sums[end + 1] - sums[start]) * rate.cost <= most


@given(rates, st.integers(1, 700), st.lists(st.integers(1, 500), max_size=20))
@settings(max_examples=200, deadline=None)
def test_after_the_time_told_the_same_taking_is_granted(rate: Rate, count: int, before: list[int]) -> None:
    buckets: Buckets[str] = Buckets(rate, 10)
    for earlier in before:
        buckets.take("key", 0, earlier)
    standing = buckets.take("key", 0, count)
    if standing.wait:
        assert buckets.take("key", standing.wait, count).wait == 0
    assert buckets.take("other", 0, count).wait == 0


def test_the_interesting_branches_were_reached() -> None:
    print(f"refused {refused}, granted {granted}, larger than the burst {paid_off}")
    assert refused > 500
    assert granted > 500
    assert paid_off > 20


@given(rates, st.integers(1, 50))
def test_shares_together_are_no_more_than_the_whole(rate: Rate, replicas: int) -> None:
    share = rate.shared_by(replicas)
    assert share.per_second * replicas == pytest.approx(rate.per_second)
    assert share.burst * replicas <= max(rate.burst, replicas)


def test_looking_takes_nothing_and_memory_is_bounded() -> None:
    buckets: Buckets[int] = Buckets(Rate(1, 1), 100)
    assert [buckets.look(7, 0).wait for _ in range(3)] == [0, 0, 0]
    for key in range(1_000):
        buckets.take(key, key)
    assert len(buckets) == 100
    assert 999 in buckets
    assert 0 not in buckets
    assert buckets.look(999, 999).wait == SECOND
