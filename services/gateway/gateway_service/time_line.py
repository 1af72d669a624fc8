"""One list, newest first, out of several that are each in that order and each kept by another service.

A place in the list is a place in every part. A part that does not answer is left out of a page, and goes on behind
its end: so the list stays in order, and whoever wants what is missing asks for the page again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec


class Place(msgspec.Struct, array_like=True, frozen=True):
    """Where a part goes on: behind `token`, before `until`; `done` when it has no more."""

    token: str = ""
    until: datetime | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    kind: str
    item_id: str
    at: datetime
    name: str
    details: Mapping[str, Any]
    token: str
    """Goes on behind this item in its own part."""


@dataclass(frozen=True, slots=True)
class Part:
    """The next items of one part, and whether it has more behind them; None: it did not answer."""

    items: Sequence[Item] | None
    more: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    items: list[Item]
    places: dict[str, Place] = field(default_factory=dict)
    """Of every part for the next page; empty when there is none."""
    missing: list[str] = field(default_factory=list)


def merge(parts: Mapping[str, Part], places: Mapping[str, Place], size: int) -> Merged:
    """The newest `size` items of all parts. `places`: where each of them was asked to go on; parts that were not asked
    have none in `parts`."""
    line = [(name, item) for name, part in parts.items() for item in part.items or ()]
    line.sort(key=lambda one: one[1].at, reverse=True)
    taken = line[:size]
    missing = [name for name, part in parts.items() if part.items is None]
    following = dict(places)
    for name, part in parts.items():
        if part.items is None:
            if taken:
                following[name] = Place(places[name].token, taken[-1][1].at)
            continue
        mine = [item for of, item in taken if of == name]
        token = mine[-1].token if mine else places[name].token
        done = len(mine) == len(part.items) and not part.more
        following[name] = Place(token, places[name].until, done)
    goes_on = any(not place.done for name, place in following.items() if name not in missing)
    return Merged([item for _, item in taken], following if goes_on else {}, missing)
