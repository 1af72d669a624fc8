"""Rate and quota: the sliding one-second window, enforced as messages come and measured afterwards.

Both use the half-open window (t - 1 s, t], so what was admitted never measures over its limit.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from waypost_sandbox.clock import SECOND
from waypost_sandbox.messages import Refusal


@dataclass(slots=True)
class Usage:
    total: int = 0
    recent: deque[int] = field(default_factory=deque)

    def trim(self, now: int) -> None:
        while self.recent and self.recent[0] <= now - SECOND:
            self.recent.popleft()

    def add(self, now: int) -> None:
        self.total += 1
        self.recent.append(now)

    def refusal(self, now: int, rate: int | None, quota: int | None) -> Refusal | None:
        if quota is not None and self.total >= quota:
            return Refusal(402, "QUOTA_EXHAUSTED", "The account has used up its quota.")
        if rate is not None and len(self.recent) >= rate:
            free_at = self.recent[-rate] + SECOND
            wait_ms = -(-(free_at - now) // 1_000)
            return Refusal(429, "RATE_LIMITED", f"More than {rate} messages in one second.", wait_ms)
        return None


@dataclass(slots=True)
class Peak:
    """The busiest second, and how many messages found more than `limit` in the second they closed."""

    limit: int | None
    most: int = 0
    over: int = 0

    def measure(self, times: Iterable[int]) -> None:
        """Exact: some fullest window always ends at a message, and every one of those is counted."""
        window: deque[int] = deque()
        for at in times:
            while window and window[0] <= at - SECOND:
                window.popleft()
            window.append(at)
            self.most = max(self.most, len(window))
            if self.limit is not None and len(window) > self.limit:
                self.over += 1
