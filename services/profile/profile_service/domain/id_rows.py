"""Ids as rows of arrays: millions of identities are told apart and found again without an object each."""

from collections.abc import Iterable
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
Halves = NDArray[np.uint64]
"""Shape (n, 2): the first and the last eight bytes of each id."""

NONE = -1


def halves(packed: bytes | NDArray[np.uint8]) -> Halves:
    """Of ids of sixteen bytes each, one after the other."""
    return np.frombuffer(packed, ">u8").astype(np.uint64).reshape(-1, 2)


def packed(ids: Iterable[UUID]) -> Halves:
    return halves(b"".join(i.bytes for i in ids))


class IdRows:
    """Distinct ids, each with a row of its own, from 0 on."""

    def __init__(self, ids: Halves) -> None:
        self.order: Rows = np.argsort(ids[:, 1])
        """Where in the ids given the id of each row was."""
        self._first, self._last = ids[self.order, 0], ids[self.order, 1]
        # The last half of a version 7 id is chance: nearly always no two ids share it.
        starts = np.flatnonzero(np.r_[True, self._last[1:] != self._last[:-1]]) if len(ids) else np.zeros(0)
        self._most_alike = int(np.diff(np.r_[starts, len(ids)]).max()) if len(ids) else 0

    def __len__(self) -> int:
        return len(self._last)

    def find(self, ids: Halves) -> Rows:
        """The row of each; NONE of ids that have none."""
        found = np.full(len(ids), NONE, np.int64)
        # What is looked for in order is looked for near where the last one was.
        order = np.argsort(ids[:, 1])
        first, last = ids[order, 0], ids[order, 1]
        start = np.searchsorted(self._last, last)
        for step in range(self._most_alike):
            row = np.minimum(start + step, len(self) - 1)
            hit = (self._last[row] == last) & (self._first[row] == first)
            found[order[hit]] = row[hit]
        return found

    def ids(self, rows: Rows) -> list[UUID]:
        pairs = zip(self._first[rows].tolist(), self._last[rows].tolist(), strict=True)
        return [UUID(int=first << 64 | last) for first, last in pairs]
