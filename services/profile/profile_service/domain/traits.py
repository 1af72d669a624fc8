"""Traits of one identity, and of a person as the fold over identities: the newest statement about a trait wins.

Time alone does not order statements (two sources may speak of the same second), so the message id breaks ties;
any order of arrival gives the same end state.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Stamp = tuple[int, str]
"""(milliseconds since 1970, message id)."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one record says about one identity. A value of None takes the trait away."""

    stamp: Stamp
    traits: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Traits:
    values: dict[str, Any]
    stamps: dict[str, Stamp]
    """Removed traits keep their stamp, so that an older statement does not bring them back."""


def merge(known: Traits, statements: Iterable[Statement]) -> Traits:
    values, stamps = dict(known.values), dict(known.stamps)
    for statement in statements:
        for name, value in statement.traits.items():
            if name in stamps and tuple(stamps[name]) >= statement.stamp:
                continue
            stamps[name] = statement.stamp
            if value is None:
                values.pop(name, None)
            else:
                values[name] = value
    return Traits(values, stamps)


def fold(identities: Iterable[Traits]) -> dict[str, Any]:
    """A person's traits: for each trait what the identity with the newest statement says."""
    best: dict[str, tuple[Stamp, Any]] = {}
    for traits in identities:
        for name, stamp in traits.stamps.items():
            if name not in best or tuple(stamp) > best[name][0]:
                best[name] = ((stamp[0], stamp[1]), traits.values.get(name))
    return {name: value for name, (_, value) in sorted(best.items()) if value is not None}
