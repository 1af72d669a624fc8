"""Traits of one identity as they were at a moment."""

from collections.abc import Iterable

from profile_service.domain.traits import Statement, Traits, merge


def traits_at(now: Traits, statements: Iterable[Statement], until_ms: int) -> Traits:
    """`statements`: those known up to then. What was said before statements were kept is told by the traits of today,
    as far as it holds still."""
    stamps = {name: stamp for name, stamp in now.stamps.items() if stamp[0] <= until_ms}
    values = {name: now.values[name] for name in stamps if name in now.values}
    return merge(Traits(values, stamps), statements)
