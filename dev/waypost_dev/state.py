"""Who holds a home directory, and which processes were started from it.

The lock belongs to the process that runs the stack and vanishes with it. The record outlives even a SIGKILL, so that
the next start can find what was left running and stop it.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from signal import SIGCONT, SIGINT, SIGKILL, SIGTERM
from typing import Any

from waypost_dev.errors import DevError
from waypost_dev.process import POLL
from waypost_dev.proctable import Identity, identify, send, signal_tree

BACKGROUND, FOREGROUND = "up", "foreground"


@dataclass(frozen=True)
class Holder:
    pid: int
    kind: str


class HomeLock:
    """One stack per home directory, enforced by the kernel."""

    def __init__(self, home: Path) -> None:
        self._file = home / "lock"
        self._fd: int | None = None

    def acquire(self, kind: str) -> None:
        deadline = time.monotonic() + 1.0  # somebody asking for the holder takes the lock for an instant
        while not self._try():
            if time.monotonic() < deadline:
                time.sleep(POLL)
                continue
            holder = self.holder()
            who = f" (pid {holder.pid})" if holder else ""
            cure = "`make down`, or use it as it is (`make status`)"
            if holder and holder.kind == FOREGROUND:
                cure = "end it with Ctrl-C in its terminal"
            raise DevError(f"another stack is running from {self._file.parent}{who}", cure)
        assert self._fd is not None
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, json.dumps({"pid": os.getpid(), "kind": kind}).encode(), 0)

    def release(self) -> None:
        if self._fd is not None:
            os.ftruncate(self._fd, 0)
            os.close(self._fd)
            self._fd = None

    def holder(self) -> Holder | None:
        """Who holds the lock, if anybody does."""
        if self._fd is None and self._try():
            self.release()
            return None
        with suppress(OSError, ValueError, KeyError):
            seen = json.loads(self._file.read_text())
            return Holder(int(seen["pid"]), str(seen["kind"]))
        return Holder(0, "unknown")

    def _try(self) -> bool:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(fd)
            return False
        self._fd = fd
        return True


@dataclass(frozen=True)
class Entry:
    """One recorded process."""

    name: str
    pid: int
    port: int
    started: str
    command: str
    started_at: float
    restarts: int = 0
    state: str = "starting"

    def alive(self) -> bool:
        """Whether that very process still runs, not another one under its number."""
        return identify(self.pid) == Identity(self.pid, self.started, self.command)


class Record:
    """`state.json`: the processes of the stack, in starting order."""

    def __init__(self, home: Path) -> None:
        self._file = home / "state.json"

    def write(self, phase: str, entries: list[Entry]) -> None:
        draft = self._file.with_suffix(f".{os.getpid()}.tmp")
        content = {"phase": phase, "processes": [asdict(entry) for entry in entries]}
        draft.write_text(json.dumps(content, indent=2) + "\n")
        draft.replace(self._file)

    def phase(self) -> str:
        return str(self._read().get("phase", "down"))

    def entries(self) -> list[Entry]:
        with suppress(TypeError):
            return [Entry(**item) for item in self._read().get("processes", [])]
        return []

    def clear(self) -> None:
        self._file.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return {}
        return content


def reap(record: Record, grace: float = 20.0) -> list[str]:
    """Stop what an earlier run, killed before it could tidy up, left behind. Call while holding the lock.

    Reverse order, as in an orderly stop; only processes proven to be the recorded ones are touched.
    """
    stopped = []
    for entry in reversed(record.entries()):
        if entry.alive():
            _dismiss(entry, grace)
            stopped.append(entry.name)
    record.clear()
    return stopped


def _dismiss(entry: Entry, grace: float) -> None:
    """Ask, wait, insist, and wait again until the whole tree is gone: the next start needs its ports and files."""
    send([entry.pid], SIGINT if entry.name == "postgres" else SIGTERM)
    signal_tree(entry.pid, SIGCONT)
    deadline = time.monotonic() + grace
    while entry.alive() and time.monotonic() < deadline:
        time.sleep(POLL)
    tree = signal_tree(entry.pid, SIGKILL) if entry.alive() else []
    deadline = time.monotonic() + 10
    while any(identify(pid) for pid in tree) and time.monotonic() < deadline:
        time.sleep(POLL)
