"""Which of several statements about a person's traits holds, whatever the order in which they come."""

from survivorship.kept import MOST_KEPT, Kept
from survivorship.stamps import DEFAULT_PRIORITY, MOST_PRIORITY, Stamp, rank_of
from survivorship.traits import Traits, decode, encode, fold

__all__ = [
    "DEFAULT_PRIORITY",
    "MOST_KEPT",
    "MOST_PRIORITY",
    "Kept",
    "Stamp",
    "Traits",
    "decode",
    "encode",
    "fold",
    "rank_of",
]
