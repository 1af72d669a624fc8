"""Parts of personal values by which people are found: last digits of a phone, halves of an address, pairs of
characters of a name. Only keyed hashes of them are stored."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

LAST_DIGITS = 4
SHORTEST_NAME = 2
"""Characters of a name that is searched for: a single one would find everybody called Wang."""
LONGEST_NAME = 64
"""Characters of a name that are indexed, and may be searched for."""

_SINGLE = ("name", "full_name", "nickname")
_GIVEN = ("first_name", "firstname")
_FAMILY = ("last_name", "lastname")
_IGNORED = re.compile(r"[\s·・.,'’\-_]+")


class Term(NamedTuple):
    kind: str
    """`phone_last4`, `email_local`, `email_domain` or `name_2gram`."""
    text: str


def folded_name(name: str) -> str:
    """NFKC, lower case, without spaces and the signs that stand between parts of a name."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", name).casefold())[:LONGEST_NAME]


def names_of(traits: Mapping[str, Any]) -> list[str]:
    """Every folded name that the traits give, family and given name together in both orders."""
    said = {key.lower(): value for key, value in traits.items() if isinstance(value, str)}
    found = [said[key] for key in _SINGLE if key in said]
    given = next((said[key] for key in _GIVEN if key in said), "")
    family = next((said[key] for key in _FAMILY if key in said), "")
    if given or family:
        found += [f"{given} {family}", f"{family} {given}"]
    return list(dict.fromkeys(filter(None, map(folded_name, found))))


def grams(folded: str) -> set[Term]:
    """Each two characters that stand side by side."""
    return {Term("name_2gram", folded[at : at + 2]) for at in range(len(folded) - 1)}


def name_terms(traits: Mapping[str, Any]) -> set[Term]:
    return {term for name in names_of(traits) for term in grams(name)}


def address_terms(kind: str, address: str) -> list[Term]:
    """Of a normalised phone number or e-mail address."""
    if kind == "phone":
        return [Term("phone_last4", address[-LAST_DIGITS:])]
    local, _, domain = address.rpartition("@")
    return [Term("email_local", local), Term("email_domain", domain)]


def matches_name(traits: Mapping[str, Any], folded: str) -> bool:
    """Whether somebody with these traits is called so: pairs of characters alone are also found in another order."""
    return any(folded in name for name in names_of(traits))
