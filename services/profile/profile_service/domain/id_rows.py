"""Ids as rows of arrays: millions of identities are told apart and found again without an object each."""

from collections.abc import Iterable
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int32]
"""Half the memory of numpy's own kind of index."""
Places = NDArray[np.int64]
Halves = NDArray[np.uint64]
"""Shape (n, 2): the first and the last eight bytes of each id."""

NONE = -1
_SPREAD = np.uint64(0x9E37_79B9_7F4A_7C15)


def halves(packed: bytes | NDArray[np.uint8]) -> Halves:
    """Of ids of sixteen bytes each, one after the other."""
    return np.frombuffer(packed, ">u8").astype(np.uint64).reshape(-1, 2)


def packed(ids: Iterable[UUID]) -> Halves:
    return halves(b"".join(i.bytes for i in ids))


class IdRows:
    """Distinct ids, each with a row of its own, from 0 on."""

    def __init__(self, ids: Halves) -> None:
        keys = _keys(ids)
        self.order: Rows = np.argsort(keys).astype(np.int32)
        """Where in the ids given the id of each row was."""
        self._ids, self._keys = ids[self.order], keys[self.order]
        # It is chance that two share a key, and nearly always none do.
        starts = np.flatnonzero(np.r_[True, self._keys[1:] != self._keys[:-1]]) if len(ids) else np.zeros(0)
        self._most_alike = int(np.diff(np.r_[starts, len(ids)]).max()) if len(ids) else 0

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, ids: Halves) -> Rows:
        """The row of each; NONE of ids that have none."""
        found = np.full(len(ids), NONE, np.int32)
        keys = _keys(ids)
        # What is looked for in order is looked for near where the last one was.
        order = np.argsort(keys)
        asked, start = ids[order], np.searchsorted(self._keys, keys[order])
        for step in range(self._most_alike):
            row = np.minimum(start + step, len(self) - 1)
            hit = (self._ids[row] == asked).all(axis=1)
            found[order[hit]] = row[hit]
        return found

    def ids(self, rows: Rows | Places) -> list[UUID]:
        return [UUID(int=first << 64 | last) for first, last in self._ids[rows].tolist()]


def _keys(ids: Halves) -> NDArray[np.uint64]:
    return ids[:, 0] * _SPREAD ^ ids[:, 1]
