"""Types that a schema declares for traits and properties, and which literals can equal such data."""

from enum import StrEnum

from rules._values import Scalar


class Type(StrEnum):
    """`money` is a whole number of minor units of the workspace's currency; `date` a full-date or date-time of RFC
    3339; `place` an object with `lat` and `lng`; the plurals are lists. `any` is not checked."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    PLACE = "place"
    OBJECT = "object"
    TEXTS = "texts"
    NUMBERS = "numbers"
    OBJECTS = "objects"
    ANY = "any"


ALL = frozenset(Type)
SCALARS = frozenset({Type.TEXT, Type.NUMBER, Type.MONEY, Type.BOOLEAN, Type.DATE})
ORDERED = SCALARS - {Type.BOOLEAN}
LISTS = frozenset({Type.TEXTS, Type.NUMBERS})
TEXT = frozenset({Type.TEXT})
DATES = frozenset({Type.DATE})
PLACES = frozenset({Type.PLACE})

_LITERALS = {
    Type.TEXT: "a text",
    Type.TEXTS: "a text",
    Type.NUMBER: "a number",
    Type.NUMBERS: "a number",
    Type.MONEY: "a whole number of minor units (10000 is 100.00)",
    Type.BOOLEAN: "true or false",
    Type.DATE: 'an RFC 3339 date such as "2025-01-31"',
}


def mismatch(literal: Scalar, declared: Type) -> str | None:
    """What was expected of a literal compared with data of this type; None if it is that."""
    expected = _LITERALS.get(declared)
    return None if expected is None or _fits(literal, declared) else expected


def _fits(literal: Scalar, declared: Type) -> bool:
    if declared in (Type.TEXT, Type.TEXTS):
        return literal.kind == "text"
    if declared is Type.DATE:
        return literal.instant is not None
    if declared is Type.BOOLEAN:
        return literal.kind == "flag"
    return literal.kind == "number" and (declared is not Type.MONEY or isinstance(literal.raw, int))
