"""Token buckets, pure: time comes in, and a bucket is one integer.

Generic cell rate: a bucket remembers when it will be full again, in nanoseconds. Taking n moves that moment by n times
the cost of one; a bucket may be at most its burst away from full. In any window of length w at most rate * w + burst
is taken. One taking that is larger than the burst is granted when the bucket is full and paid off afterwards, so that
nothing that another limit allows is impossible.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

SECOND = 1_000_000_000
"""Nanoseconds."""

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` > 0 may be a fraction; `burst` >= 1 is what a full bucket grants at once."""

    per_second: float
    burst: int
    cost: int = field(init=False)
    """Nanoseconds that one takes to come back, rounded up so that the rate is never exceeded."""
    depth: int = field(init=False)
    """Nanoseconds from empty to full."""

    def __post_init__(self) -> None:
        if self.per_second <= 0 or self.burst < 1:
            raise ValueError(f"a rate needs per_second > 0 and burst >= 1, got {self}")
        object.__setattr__(self, "cost", -int(-SECOND // self.per_second))
        object.__setattr__(self, "depth", self.cost * self.burst)

    def shared_by(self, replicas: int) -> "Rate":
        """What one of several equal takers may have."""
        return Rate(self.per_second / replicas, max(1, self.burst // replicas))


class Standing(NamedTuple):
    """A bucket after a taking, times in nanoseconds."""

    rate: Rate
    wait: int
    """0: granted. Else nothing was taken, and the same taking may succeed after this time."""
    full_in: int
    """0 when full; more than the bucket's depth while a large taking is being paid off."""

    @property
    def left(self) -> int:
        return max(0, self.rate.depth - self.full_in) // self.rate.cost


class Buckets(Generic[Key]):
    """One bucket a key; at most `most` are kept, the longest untouched go first and start full if they come back."""

    def __init__(self, rate: Rate, most: int) -> None:
        self.rate = rate
        self._most = most
        self._full_at: OrderedDict[Key, int] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        return key in self._full_at

    def __len__(self) -> int:
        return len(self._full_at)

    def look(self, key: Key, now: int) -> Standing:
        """Whether one could be taken; takes nothing."""
        full_in = max(0, self._full_at.get(key, 0) - now)
        return Standing(self.rate, max(0, full_in + self.rate.cost - self.rate.depth), full_in)

    def take(self, key: Key, now: int, count: int = 1) -> Standing:
        """`now` never goes back."""
        rate = self.rate
        full_in = max(0, self._full_at.get(key, 0) - now)
        after = full_in + count * rate.cost
        over = after - rate.depth
        if over > 0 and full_in:
            return Standing(rate, min(over, full_in), full_in)
        self._full_at[key] = now + after
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
        return Standing(rate, 0, after)
