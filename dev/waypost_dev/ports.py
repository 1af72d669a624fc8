"""Which port each process listens on: chosen once, remembered, and kept while it stays free.

Ports come from below the range the kernel hands to outgoing connections; otherwise a restarted process could find
its port taken by somebody's client socket.
"""

from __future__ import annotations

import json
import os
import random
import socket
from pathlib import Path

LOWEST, HIGHEST = 18000, 32000


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could bind this port now. TIME_WAIT leftovers of our own restarts do not count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def pick_free(taken: set[int] | None = None) -> int:
    """A free port not in `taken`; at random, so that stacks started at the same moment do not collide."""
    avoid = taken or set()
    chooser = random.SystemRandom()
    for _ in range(2000):
        port = chooser.randrange(LOWEST, HIGHEST)
        if port not in avoid and is_free(port):
            return port
    raise OSError(f"no free port between {LOWEST} and {HIGHEST}")


class Ports:
    """The port book of one stack, kept in a small JSON file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._book: dict[str, int] = self._read()
        self._settled: set[str] = set()

    def _read(self) -> dict[str, int]:
        try:
            book = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return {}
        return {str(name): int(port) for name, port in book.items()}

    def settle(self) -> None:
        """Trust the book as it is: the stack runs already, in another process."""
        self._settled.update(self._book)

    def known(self, name: str) -> int | None:
        """The recorded port, whether or not something listens there."""
        return self._book.get(name)

    def get(self, name: str) -> int:
        """The port of a process: the recorded one if it can still be bound, else a new one. Settled for the life
        of this object, so a caller may ask again while the process runs."""
        port = self._book.get(name)
        if port is not None and name in self._settled:
            return port
        if port is None or not is_free(port):
            self._book[name] = port = pick_free(set(self._book.values()))
            self._write()
        self._settled.add(name)
        return port

    def _write(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(json.dumps(self._book, indent=2, sort_keys=True) + "\n")
        draft.replace(self._file)
