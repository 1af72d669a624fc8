"""Chains of times, one a step, walked once however long the history is."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence


def follows(longests: Sequence[int | None], times: list[list[int]], barred: list[int]) -> bool:
    """Is there one time per step, each later than the one before and at most its `longest` microseconds after it, with
    nothing barred between the first and the last? Times are milliseconds.

    Of the chains that end at an event the one that began last is as good as any, for less lies between: so one number
    an event is enough, and the nearest predecessors stand in a queue whose front is the best of them.
    """
    chains = [(at, at) for at in sorted(set(times[0]))]  # (ends at, began at)
    for longest, moments in zip(longests[1:], times[1:], strict=True):
        chains = list(_extend(chains, sorted(set(moments)), longest))
    return any(not _is_between(barred, start, end) for end, start in chains)


def _extend(
    chains: list[tuple[int, int]], moments: list[int], longest: int | None
) -> Iterable[tuple[int, int]]:
    best: deque[tuple[int, int]] = deque()  # ends rise, beginnings fall
    waiting = deque(chains)
    for at in moments:
        while waiting and waiting[0][0] < at:
            chain = waiting.popleft()
            while best and best[-1][1] <= chain[1]:
                best.pop()
            best.append(chain)
        while best and longest is not None and (at - best[0][0]) * 1_000 > longest:
            best.popleft()
        if best:
            yield at, best[0][1]


def _is_between(times: list[int], start: int, end: int) -> bool:
    """Does one of the sorted times lie strictly between?"""
    index = bisect_right(times, start)
    return index < len(times) and times[index] < end
