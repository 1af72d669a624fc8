"""What an amount of one currency is worth in another, by the rates of a workspace.

A rate is stated for a day (UTC) and holds from it on, until a later one takes its place, for MOST_DAYS at most. Amounts
are converted with all digits of the rate; halves of a minor unit go to the even one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import NamedTuple

from profile_service.domain.money import DEFAULT_CURRENCY, minor_digits

MOST_DAYS = 10
"""How old a rate may be on the day of an order: over the longest holidays of banks."""
MOST_RATE = 10**6
MOST_PLACES = 12
_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)


class Rate(NamedTuple):
    day: date
    """That it was stated for."""
    value: Decimal
    """Units of the workspace's currency that one unit is worth."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Those in force on some days."""

    home: str = DEFAULT_CURRENCY
    """The workspace's currency."""
    in_force: Mapping[tuple[str, date], Rate] = field(default_factory=dict)
    """By currency and day."""

    def of(self, currency: str, day: date) -> Rate | None:
        if currency == self.home:
            return Rate(day, Decimal(1))
        return self.in_force.get((currency, day))

    def convert(self, minor: int, currency: str, to: str, day: date) -> int | None:
        """Minor units of `to`; None while a rate is missing."""
        if currency == to:
            return minor
        one, other = self.of(currency, day), self.of(to, day)
        if one is None or other is None:
            return None
        worth = _EXACT.divide(_EXACT.multiply(Decimal(minor), one.value), other.value)
        scaled = worth.scaleb(minor_digits(to) - minor_digits(currency), _EXACT)
        return int(scaled.to_integral_value(ROUND_HALF_EVEN))


class Exchange(NamedTuple):
    """Between an order's currency and others, on its day."""

    rates: Rates
    day: date
    currency: str

    def taken(self, minor: int, currency: str) -> int:
        """An amount of another currency in the order's; nothing while a rate is missing."""
        return self.rates.convert(minor, currency or self.currency, self.currency, self.day) or 0

    def worth(self, minor: int) -> int | None:
        return self.rates.convert(minor, self.currency, self.rates.home, self.day)
