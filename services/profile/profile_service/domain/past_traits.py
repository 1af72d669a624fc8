"""Traits of one identity as they were at a moment."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from survivorship import Stamp, Traits


def traits_at(
    now: Traits,
    statements: Iterable[tuple[Stamp, Mapping[str, Any]]],
    until_ms: int,
    keep_all: Collection[str],
) -> Traits:
    """`statements`: those known up to then. What was said before statements were kept is told by the traits of today,
    as far as it holds still. Of traits that keep all values (`keep_all`) only what statements say is told."""
    stamps = {n: stamp for n, stamp in now.stamps.items() if stamp.ms <= until_ms and n not in now.kept}
    past = Traits({n: now.values[n] for n in stamps if n in now.values}, stamps)
    for stamp, values in statements:
        past.take(values, stamp, keep_all)
    return past
