"""RFM in plain Python, written from the docstring and not from the code."""

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

DAY_MS = 86_400_000
NAMES = {
    (True, True, True): "champions",
    (True, False, True): "important_to_develop",
    (False, True, True): "important_to_keep",
    (False, False, True): "important_to_win_back",
    (True, True, False): "general_value",
    (True, False, False): "general_to_develop",
    (False, True, False): "general_to_keep",
    (False, False, False): "general_to_win_back",
}


@dataclass(frozen=True)
class Bought:
    person: UUID
    at_ms: int
    amount_minor: int


def thresholds(values: list[int]) -> list[int]:
    ordered = sorted(values)
    return [ordered[math.ceil(len(ordered) * k / 5 - 1e-9) - 1] for k in (1, 2, 3, 4)]


def scored(
    orders: Iterable[Bought], as_of_ms: int, window_days: int
) -> dict[UUID, tuple[int, int, int, str]]:
    """Person → (recency, frequency, monetary, group)."""
    own: dict[UUID, list[Bought]] = {}
    for order in orders:
        if as_of_ms - window_days * DAY_MS < order.at_ms <= as_of_ms:
            own.setdefault(order.person, []).append(order)
    if not own:
        return {}
    days = {p: (as_of_ms - max(o.at_ms for o in found)) // DAY_MS for p, found in own.items()}
    count = {p: len(found) for p, found in own.items()}
    money = {p: sum(o.amount_minor for o in found) for p, found in own.items()}
    edges = [thresholds(list(axis.values())) for axis in (days, count, money)]
    middle = [statistics.median(axis.values()) for axis in (days, count, money)]
    return {
        p: (
            5 - sum(days[p] > t for t in edges[0]),
            1 + sum(count[p] > t for t in edges[1]),
            1 + sum(money[p] > t for t in edges[2]),
            NAMES[days[p] < middle[0], count[p] > middle[1], money[p] > middle[2]],
        )
        for p in own
    }
