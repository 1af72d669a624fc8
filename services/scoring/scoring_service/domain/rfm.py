"""Recency, frequency and monetary scores of all customers at once: pure, over flat arrays of orders.

**Window.** An order counts when `as_of - window < time <= as_of`. A customer is a person with at least one such order.
**Values.** Recency is the number of completed days (24 h) from the last order to `as_of`; frequency the number of
orders; monetary their sum in minor units.

**Scores.** Of n customers' values in ascending order, threshold k (k = 1…4) is the value at position ceil(n·k/5),
an observed value: the upper end, inclusive, of quintile k. The score is 1 + the number of thresholds the value exceeds;
for recency, where fewer days are better, 5 − that number. Equal values always share a score, so with many ties the
fifths are unequal and some scores may be given to nobody (if most customers bought once, they all have frequency 1):
thresholds can be published and applied to one person, ranks cannot.

**Groups.** Each axis is high when its value is strictly better than the median (the mean of the middle two, when n
is even): more for frequency and monetary, fewer days for recency. A customer at the median is low on that axis.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from scoring_service.domain.groups import BY_CODE, GROUPS, Group

Ints: TypeAlias = NDArray[np.int64]
DAY_MS = 86_400_000
_FIFTHS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Orders:
    """All orders of a workspace; the three arrays have an entry an order."""

    people: Sequence[UUID]
    person: Ints
    """Position in `people`."""
    at_ms: Ints
    """Milliseconds since 1970."""
    amount_minor: Ints


@dataclass(frozen=True, slots=True)
class Axis:
    values: Ints
    thresholds: tuple[float, ...]
    scores: Ints
    high: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scores:
    """An entry a customer, in the order of `customers`."""

    customers: Ints
    """Positions in Orders.people, ascending."""
    recency: Axis
    frequency: Axis
    monetary: Axis
    group: Ints
    """Position in BY_CODE."""

    def totals(self) -> list[tuple[Group, int, int]]:
        """(group, customers, amount in minor units) of all eight, most customers first."""
        counts = np.bincount(self.group, minlength=len(BY_CODE))
        amounts = np.zeros(len(BY_CODE), np.int64)
        np.add.at(amounts, self.group, self.monetary.values)
        found = [(group, int(counts[group.code]), int(amounts[group.code])) for group in GROUPS]
        return sorted(found, key=lambda entry: -entry[1])


def score(orders: Orders, as_of_ms: int, window_days: int) -> Scores:
    inside = (orders.at_ms <= as_of_ms) & (orders.at_ms > as_of_ms - window_days * DAY_MS)
    person, at, amount = orders.person[inside], orders.at_ms[inside], orders.amount_minor[inside]
    frequency = np.bincount(person, minlength=len(orders.people))
    last = np.zeros(len(orders.people), np.int64)
    last[:] = np.iinfo(np.int64).min
    np.maximum.at(last, person, at)
    money = np.zeros(len(orders.people), np.int64)
    np.add.at(money, person, amount)
    customers = np.flatnonzero(frequency)
    recency = _axis((as_of_ms - last[customers]) // DAY_MS, fewer_is_better=True)
    frequent = _axis(frequency[customers])
    monetary = _axis(money[customers])
    code = recency.high * 4 + frequent.high * 2 + monetary.high
    return Scores(customers, recency, frequent, monetary, code.astype(np.int64))


def _axis(values: Ints, fewer_is_better: bool = False) -> Axis:
    if not len(values):
        return Axis(values, (), values, values.astype(np.bool_))
    ordered = np.sort(values)
    thresholds = ordered[[-(-len(values) * k // 5) - 1 for k in _FIFTHS]]
    exceeded = (values[:, None] > thresholds[None, :]).sum(axis=1)
    median = np.median(ordered)
    return Axis(
        values,
        tuple(float(t) for t in thresholds),
        5 - exceeded if fewer_is_better else 1 + exceeded,
        values < median if fewer_is_better else values > median,
    )
