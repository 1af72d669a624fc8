"""Money out of properties: whole minor units of its currency."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from iso4217 import Currency

DEFAULT_CURRENCY = "CNY"
"""Of a workspace that has not said otherwise."""
_ALIASES = {"RMB": "CNY"}
"""Written for years by tills and shops, and no code."""
_DIGITS = {one.code: one.exponent for one in Currency if one.exponent is not None}
MOST = 10**15
"""Minor units of one amount: far above any order, far below what a sum of them may hold."""


def currency_of(properties: Mapping[str, Any]) -> str:
    """The code, three capital letters as a rule; empty when it is not said."""
    code = properties.get("currency")
    if not isinstance(code, str):
        return ""
    written = code.strip().upper()[:3]
    return _ALIASES.get(written, written)


def minor_digits(currency: str) -> int:
    """Decimal places of a currency (ISO 4217, data of the package iso4217); 2 of one that has none or is not known."""
    return _DIGITS.get(currency, 2)


def minor_units(amount: object, currency: str, times: Decimal = Decimal(1)) -> int | None:
    """`amount`, a number or a text that is one, in major units, `times` as often; halves go to the even minor unit.
    None when it is no number from 0 to MOST minor units."""
    return _minor(amount, currency, times) if isinstance(amount, int | float | str) else None


# A catalogue has few prices. Typed, for True equals 1.
@lru_cache(maxsize=16_384, typed=True)
def _minor(amount: float | str, currency: str, times: Decimal) -> int | None:
    exact = number_of(amount)
    if exact is None:
        return None
    scaled = (exact * times).scaleb(minor_digits(currency))
    return int(scaled.to_integral_value(ROUND_HALF_EVEN)) if 0 <= scaled <= MOST else None


def number_of(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < MOST else None
