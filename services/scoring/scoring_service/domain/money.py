"""Amounts of orders, in minor units of their currency."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

_NO_MINOR = frozenset(
    (
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
    )
)
_THOUSANDTHS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))
MOST = 10**15
"""Minor units of one order: far above any order, far below what a sum of them may hold."""


class NotAnAmount(ValueError):
    """Says what was found instead."""


def amount_minor(properties: Mapping[str, Any]) -> int:
    """`amount_minor` if it is there, else `total`, which is in major units: halves go to the even minor unit.

    Only a number is taken: a text that looks like one may have been written with another decimal sign.
    """
    if properties.get("amount_minor") is not None:
        return _checked(properties["amount_minor"], "amount_minor", 0)
    return _checked(properties.get("total"), "total", _digits(properties.get("currency")))


def _checked(value: object, name: str, digits: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise NotAnAmount(f"{name} must be a number, not {type(value).__name__}")
    exact = Decimal(str(value))
    if not exact.is_finite() or not 0 <= exact <= MOST:
        raise NotAnAmount(f"{name} must be between 0 and {MOST} minor units")
    scaled = exact.scaleb(digits)
    minor = scaled.quantize(Decimal(1), ROUND_HALF_EVEN)
    if minor > MOST or (name == "amount_minor" and minor != scaled):
        raise NotAnAmount(f"{name} must be a whole number of minor units, at most {MOST}")
    return int(minor)


def _digits(currency: object) -> int:
    """Decimal places of the currency (ISO 4217); two when it is not said."""
    code = currency.upper() if isinstance(currency, str) else ""
    return 0 if code in _NO_MINOR else 3 if code in _THOUSANDTHS else 2
