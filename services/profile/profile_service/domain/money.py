"""Money out of properties: whole minor units of its currency."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

DEFAULT_CURRENCY = "CNY"
_NO_MINOR = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THOUSANDTHS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
MOST = 10**15
"""Minor units of one amount: far above any order, far below what a sum of them may hold."""


def currency_of(properties: Mapping[str, Any]) -> str:
    """The code as it is written, three letters; empty when it is not said."""
    code = properties.get("currency")
    return code.upper()[:3] if isinstance(code, str) else ""


def minor_digits(currency: str) -> int:
    """Decimal places of a currency (ISO 4217)."""
    return 0 if currency in _NO_MINOR else 3 if currency in _THOUSANDTHS else 2


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
