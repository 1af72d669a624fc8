"""The tree of a company's org units."""

from collections.abc import Sequence

KINDS = ("brand", "region", "store")
MOST_DEPTH = 10
"""Levels of the tree."""


def why_not_there(unit_id: str, ancestors: Sequence[str], height: int) -> str:
    """Why the unit cannot hang under the first of `ancestors` (nearest first); empty when it can. `height`: levels of
    its own subtree, itself included."""
    if unit_id in ancestors:
        way = " > ".join((*reversed(ancestors[: ancestors.index(unit_id) + 1]), unit_id))
        return f"that would close a circle: {way}"
    if len(ancestors) + height > MOST_DEPTH:
        return f"the tree would have {len(ancestors) + height} levels, and {MOST_DEPTH} are the most"
    return ""
