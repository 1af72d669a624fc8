"""Slots: the exact moments at which a provider may be called.

A generic cell rate algorithm with a burst of one, kept as a single moment per account: the next free slot. Slots
are evenly spaced a little wider than the limit asks, so that calls which leave or arrive some milliseconds off
their slots still never make a sliding second too full.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

HEADROOM = 0.97
"""Share of the limit that is used."""
HORIZON = timedelta(milliseconds=250)
"""Slots are taken no further ahead: tokens of a claim that dies stay spent."""
REFILL = HORIZON / 2
"""An account is claimed again once its slots reach less far than this, so that claims stay batches."""
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Grant:
    """Up to `count` slots from `first`; with none, `wait` says for how long."""

    first: datetime
    spacing: timedelta
    count: int
    wait: timedelta = timedelta(0)

    def slots(self, used: int) -> list[datetime]:
        return [self.first + self.spacing * n for n in range(used)]


def spacing(per_second: int) -> timedelta:
    """Rounded up to the microsecond that the database keeps."""
    return math.ceil(1_000_000 / (per_second * HEADROOM)) * _MICROSECOND


def grant(next_slot: datetime, now: datetime, per_second: int, wanted: int) -> Grant:
    """The slots that a claim at `now` may take. The caller holds the account's row locked."""
    first, gap = max(next_slot, now), spacing(per_second)
    ahead = first - now
    if ahead > REFILL:
        return Grant(first, gap, 0, ahead - REFILL)
    return Grant(first, gap, min(wanted, (HORIZON - ahead) // gap + 1))
