"""Bodies that are larger than SDKs usually send: only a few are in memory at once, so that many callers together
cannot fill it."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway_service.ingest.body import MAX_BODY
from gateway_service.ingest.commit import QueueFull

AT_ONCE = 8
"""With what is made of them, about 15 MB each."""


class LargeBodies:
    def __init__(self) -> None:
        self._free = AT_ONCE

    @contextmanager
    def visit(self) -> Iterator["Visit"]:
        """One request, from its first byte until its events are stored."""
        visit = Visit(self)
        try:
            yield visit
        finally:
            self._free += visit.large

    def enter(self) -> None:
        if self._free == 0:
            raise QueueFull(f"{AT_ONCE} bodies over {MAX_BODY} bytes are in work; try again in a second")
        self._free -= 1


class Visit:
    __slots__ = ("_bodies", "large")

    def __init__(self, bodies: LargeBodies) -> None:
        self._bodies = bodies
        self.large = False

    def holds(self, size: int) -> None:
        """The request holds a body of so many bytes. Raises QueueFull when it is one too many."""
        if size > MAX_BODY and not self.large:
            self._bodies.enter()
            self.large = True
